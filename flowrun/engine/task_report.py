"""Task report: how one task ended, attempt by attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal

from ..attempt import Outcome
from ..dataclass import dataclass
from ..eventbus.execution import ExecutionState


@dataclass(frozen=True, slots=True)
class AttemptReport:
    """How one attempt ended. Times are seconds after the start of the job."""

    number: int
    state: ExecutionState
    """COMPLETED, FAILED or ABORTED."""
    started_at: float
    ended_at: float
    message: str = ""
    will_retry: bool = False
    """Another attempt followed, or was to follow."""
    begun_at: float | None = None
    """When a worker elsewhere began it; it waited until then. None: it was not handed to one, or none has."""
    worker: str = ""
    """That worker, the last if one was lost; empty: it was performed here."""

    @property
    def seconds(self) -> float:
        """How long it took, without the time until a worker elsewhere began it."""
        return self.ended_at - (self.started_at if self.begun_at is None else self.begun_at)


Kind = Literal["task", "group", "items", "item"]
"""`items`: a task that is performed for each of some items; `item`: one of these."""


@dataclass(frozen=True, slots=True)
class TaskReport:
    """How one task ended. Seconds are measured on the monotonic clock."""

    name: str
    variant: str
    state: ExecutionState
    attempts: int = 0
    max_attempts: int = 1
    outcome: Outcome | None = None
    """Of the last attempt; None if there was none in this run."""
    seconds: float = 0.0
    """From the start of the first attempt, or when a worker elsewhere began it, to the end of the last, with pauses."""
    started_at: float = 0.0
    """Seconds after the start of the job, as `ended_at`."""
    ended_at: float = 0.0
    """Seconds after the start of the job; tells which failure came first."""
    attempt_reports: tuple[AttemptReport, ...] = ()
    """One for each attempt in this run."""
    held_back_by: str = ""
    """The dependency that did not complete, of a task that was held back."""
    left_out_because: str = ""
    """Why it is left out, of a task that is."""
    kind: Kind = "task"
    items: Mapping[ExecutionState, int] = field(default_factory=dict)
    """Of a task with items: how many of them are in which state. They have no reports, unless they did not complete."""
    items_kept: int = 0
    """Items that completed before."""
    item_seconds: float | None = None
    """How long an item took on average, its last attempt, of those that completed in this run; None: none did."""
    is_allowed: bool = False
    """It failed, and the group or fan that it is in allows that."""
    kept: bool = False
    """Completed before, in the run that was continued."""
    cleans_up: bool = False
    """A restart runs it again, even if it completed, when something before it runs again."""
    last_lines: tuple[str, ...] = ()
    """The end of its output, if it did not complete."""
    log: Path | None = None
    """The file with all that it said, if it did not complete and a logger has written one."""

    @property
    def is_made_of_others(self) -> bool:
        """How it ended follows from its members or items."""
        return self.kind == "group" or bool(self.items)
