"""What the plan wants done, and what it has to tell."""

from __future__ import annotations

from typing import NamedTuple

from ..attempt import Outcome
from ..dataclass import dataclass
from ..eventbus.execution import ExecutionState


@dataclass(frozen=True, slots=True)
class Start:
    """Have an attempt of the task performed."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Tell the plan after this time that another try is due."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Abort:
    """End the attempt of the task that is running."""

    name: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Tell the plan whether the condition of the task holds."""

    name: str


@dataclass(frozen=True, slots=True)
class Expand:
    """Tell the plan for which items the task is performed."""

    name: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Tell the plan whether a person has approved the task."""

    name: str


Instruction = Start | RetryAfter | Abort | Decide | Expand | Ask


class Move(NamedTuple):
    """A task moved from one state to another."""

    name: str
    from_state: ExecutionState
    to_state: ExecutionState
    attempt: int
    outcome: Outcome | None
    pause_seconds: float = 0.0
    """How long the task pauses, if it will be tried again."""
    may_be_under_way: bool = False
    """The attempt was begun by an earlier life of the run, and may go on elsewhere: it is looked for."""
