"""Move: a transition of a task, as a run has written it down."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from ..eventbus.execution import ExecutionState

_NAMES = {state.value: state.name for state in ExecutionState}


class Move(NamedTuple):
    """A transition of a task; the fields after `at` are those of the line."""

    at: float
    task: str
    states: str
    """The letter of the state before, and of the one since."""
    attempt: int
    outcome: dict[str, Any] | None = None
    """What is told of how an attempt ended, or begins again."""
    pause_seconds: float = 0.0

    @property
    def to(self) -> str:
        """The letter of the state since."""
        return self.states[1]

    @property
    def state(self) -> str:
        """The name of the state since."""
        return _NAMES[self.states[1]]

    @property
    def may_be_under_way(self) -> bool:
        """An earlier start of the run has begun this attempt, and it may go on."""
        return self.outcome is not None and "may_be_under_way" in self.outcome

    @property
    def detail(self) -> str | None:
        """What people are told besides, as JSON."""
        outcome = self.outcome
        if not outcome and not self.pause_seconds:
            return None
        message = outcome.get("message", "") if outcome else ""
        if message or self.pause_seconds:
            return json.dumps({"message": message, "pause_seconds": self.pause_seconds})
        return json.dumps({"may_be_under_way": True}) if self.to == "R" else None
