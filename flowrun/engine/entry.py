"""Entry: one task's place in the plan, and what a plan takes over from an earlier run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from ..dataclass import dataclass
from ..eventbus.execution import ExecutionState
from ..jobdefinition.task_definition import TaskDefinition
from .slots import Rank


@dataclass(frozen=True, slots=True)
class Added:
    """A task that another one added while it ran."""

    name: str
    definition: TaskDefinition
    limits: tuple[str, ...] = ()
    stands_in: bool = False
    """Its result is the result of the task that added it."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a plan takes over from the run that is continued, and what was asked for on the command line."""

    completed: Collection[str] = ()
    """Not started again. Items of a fan are among them by their full names."""
    skipped: Collection[str] = ()
    """Left out: they wait for their dependencies and then end without running."""
    lost: Collection[str] = ()
    """Were cut off while running and must not be started again."""
    approved: Collection[str] = ()
    """Nobody is asked again whether these may start."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """Numbers of the last attempts, so that numbers stay unique in a run."""
    outlived: Collection[str] = ()
    """The attempt that was cut off may go on elsewhere: it begins again under its number."""
    added: Mapping[str, Sequence[Added]] = field(default_factory=dict)
    """What completed tasks had added to the job, by the task that did."""


class Entry:
    """One task's place in the plan."""

    __slots__ = (
        "cause",
        "completed",
        "definition",
        "failures",
        "is_detached",
        "is_due",
        "is_paused",
        "is_ready",
        "limits",
        "number",
        "parent",
        "rank",
        "state",
        "waits_for",
    )

    def __init__(
        self, definition: TaskDefinition, waits_for: int, rank: Rank, limits: tuple[str, ...], parent: str | None
    ) -> None:
        self.definition = definition
        self.waits_for = waits_for
        self.rank = rank
        self.limits = limits
        self.parent = parent
        self.is_detached = definition.detached
        """Nobody waits for it, and it may fail."""
        self.state = ExecutionState.INIT
        self.number = 0
        self.failures = 0
        self.completed = 0
        self.cause = ""
        self.is_due = False
        """What it waited for is there; it is considered no more."""
        self.is_ready = False
        """It waits for a slot."""
        self.is_paused = False
        """It waits for another try."""
