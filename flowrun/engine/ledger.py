"""Ledger: what happened to each task while the job ran, for the report at the end."""

from __future__ import annotations

from collections import deque

from ..attempt import Outcome
from ..eventbus.event import SerializableEvent
from ..eventbus.execution import TERMINAL, ExecutionState
from ..eventbus.log import LogLinesEvent, LogWriteEvent
from ..jobdefinition.model import TaskDefinition
from .instruction import Move
from .plan import Plan
from .report import TaskReport

_LINES = 10
"""So many of the last lines of a task are shown when it fails."""


class _Page:
    """What is known of one task that has been started."""

    __slots__ = ("ended_at", "last_lines", "outcome", "started_at")

    def __init__(self, started_at: float) -> None:
        self.started_at = started_at
        self.ended_at = started_at
        self.outcome: Outcome | None = None
        self.last_lines: deque[str] | None = None


class Ledger:
    """Listens to moves and log lines, and writes a page for each task that was started."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}

    def enter(self, move: Move, at_seconds: float) -> None:
        """Note a move that happened so many seconds after the start of the job."""
        page = self._pages.get(move.name)
        if move.to_state is ExecutionState.RUNNING:
            page = self._pages.setdefault(move.name, _Page(at_seconds))
            page.last_lines = None
        elif page is not None:
            page.ended_at = at_seconds
            page.outcome = move.outcome
            if move.to_state is ExecutionState.COMPLETED:
                page.last_lines = None

    def hear(self, event: SerializableEvent) -> None:
        """Remember the last lines of a task."""
        if isinstance(event, LogLinesEvent):
            text = event.lines[-4096:]
        elif isinstance(event, LogWriteEvent):
            text = event.message[-4096:]
        else:
            return
        page = self._pages.get(event.name)
        if page is None:
            return
        if page.last_lines is None:
            page.last_lines = deque(maxlen=_LINES)
        page.last_lines.extend(text.rsplit("\n", _LINES)[-_LINES:])

    def report(self, name: str, task: TaskDefinition, plan: Plan) -> TaskReport:
        """The report of one task, as far as it has come."""
        page = self._pages.get(name)
        state = plan.state(name)
        if page is None:
            return TaskReport(
                name,
                task.variant,
                state,
                max_attempts=task.max_attempts,
                held_back_by=plan.held_back_by(name),
                kept=state is ExecutionState.COMPLETED,
            )
        return TaskReport(
            name,
            task.variant,
            state,
            attempts=plan.tries(name),
            max_attempts=task.max_attempts,
            outcome=page.outcome,
            seconds=page.ended_at - page.started_at,
            ended_at=page.ended_at if state in TERMINAL else 0.0,
            last_lines=tuple(page.last_lines or ()),
        )
