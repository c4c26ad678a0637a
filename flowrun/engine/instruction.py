"""What the plan wants done, and what it has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..attempt import Outcome
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


Instruction = Start | RetryAfter | Abort


class Move(NamedTuple):
    """A task moved from one state to another."""

    name: str
    from_state: ExecutionState
    to_state: ExecutionState
    attempt: int
    outcome: Outcome | None
