"""Ledger: what happened to each task while the job ran, for the report at the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from ..attempt import Outcome
from ..eventbus.event import SerializableEvent
from ..eventbus.execution import TERMINAL, UNSUCCESSFUL, AttemptBegun, ExecutionState
from ..eventbus.log import LogLinesEvent, LogWriteEvent
from ..jobdefinition.task_definition import TaskDefinition
from .instruction import Move
from .plan import Plan
from .task_report import AttemptReport, Kind, TaskReport

_ITEMS = 1000
"""So many items that did not complete are told of one by one."""

_LINES = 10
"""So many of the last lines of a task are shown when it fails."""


_Attempt = tuple[int, float, float, ExecutionState, str, float | None, str]
"""Number, start, end, the state that the task moved to, what was said, when a worker elsewhere began it, and which."""


class _Page:
    """What is known of one task that has been started."""

    __slots__ = ("attempt", "earlier", "ended_at", "last_lines", "outcome", "started_at")

    def __init__(self, started_at: float) -> None:
        self.started_at = started_at
        self.attempt: _Attempt = (0, started_at, started_at, ExecutionState.RUNNING, "", None, "")
        self.earlier: tuple[_Attempt, ...] = ()
        """The attempts before the last."""
        self.ended_at = started_at
        self.outcome: Outcome | None = None
        self.last_lines: deque[str] | None = None

    def begin(self, number: int, at_seconds: float) -> None:
        """An attempt has started."""
        if self.attempt[0]:
            self.earlier += (self.attempt,)
        self.attempt = (number, at_seconds, at_seconds, ExecutionState.RUNNING, "", None, "")

    def begin_elsewhere(self, worker: str, at_seconds: float) -> None:
        """A worker elsewhere has begun the attempt, or has taken over."""
        number, started_at, ended_at, state, said, begun_at, before = self.attempt
        begun_at = at_seconds if begun_at is None else begun_at
        self.attempt = (number, started_at, ended_at, state, said, begun_at, worker or before)

    @property
    def begun_at(self) -> float:
        """When the first attempt was begun, here or elsewhere."""
        _, started_at, _, _, _, begun_at, _ = self.earlier[0] if self.earlier else self.attempt
        return started_at if begun_at is None else begun_at

    @property
    def last_seconds(self) -> float:
        """How long the last attempt took."""
        _, started_at, ended_at, _, _, begun_at, _ = self.attempt
        return ended_at - (started_at if begun_at is None else begun_at)

    def end(self, move: Move, at_seconds: float) -> None:
        """The attempt has ended; a task that waits for another one is PENDING."""
        number, started_at, _, _, _, begun_at, worker = self.attempt
        message = move.outcome.message if move.outcome is not None else ""
        self.attempt = (number, started_at, at_seconds, move.to_state, message, begun_at, worker)

    def attempts(self) -> Iterator[AttemptReport]:
        """Every attempt."""
        for number, started_at, ended_at, state, message, begun_at, worker in (*self.earlier, self.attempt):
            will_retry = state is ExecutionState.PENDING
            ended_as = ExecutionState.FAILED if will_retry else state
            yield AttemptReport(number, ended_as, started_at, ended_at, message, will_retry, begun_at, worker)


class Ledger:
    """Listens to moves and log lines, and writes a page for each task that was started."""

    def __init__(self) -> None:
        self._pages: dict[str, _Page] = {}
        self._left_out: dict[str, str] = {}
        self.items: dict[str, TaskReport] = {}
        """The items of fans that did not complete, the first of them."""
        self._item_seconds: dict[str, tuple[int, float]] = {}
        """How many items of a task completed, and how long their last attempts took together."""
        self.up_to_date = 0
        """How many tasks and items took the outcome of an earlier run."""

    def enter(self, move: Move, at_seconds: float) -> None:
        """Note a move that happened so many seconds after the start of the job."""
        page = self._pages.get(move.name)
        if move.to_state is ExecutionState.RUNNING:
            page = self._pages.setdefault(move.name, _Page(at_seconds))
            page.begin(move.attempt, at_seconds)
            page.last_lines = None
        elif page is None:
            if move.to_state is ExecutionState.SKIP and move.outcome is not None:
                self._left_out[move.name] = move.outcome.message
        else:
            if move.from_state is ExecutionState.RUNNING:
                page.end(move, at_seconds)
            page.ended_at = at_seconds
            page.outcome = move.outcome
            if move.to_state is ExecutionState.COMPLETED:
                page.last_lines = None
                self.up_to_date += move.outcome is not None and move.outcome.is_cached

    def begin_elsewhere(self, event: AttemptBegun, at_seconds: float) -> None:
        """Note that a worker elsewhere has begun an attempt."""
        page = self._pages.get(event.name)
        if page is not None and page.attempt[0] == event.attempt:
            page.begin_elsewhere(event.worker, at_seconds)

    def close_item(self, move: Move, task: TaskDefinition, at_seconds: float) -> None:
        """An item of `task` ended: there may be very many, and only those that did not complete are told of."""
        page = self._pages.pop(move.name, None)
        if page is not None and move.to_state is ExecutionState.COMPLETED:
            self._add_item(move, page)
        if move.to_state not in UNSUCCESSFUL or len(self.items) >= _ITEMS:
            return
        self.items[move.name] = TaskReport(
            move.name,
            task.variant,
            move.to_state,
            attempts=move.attempt,
            max_attempts=task.max_attempts,
            kind="item",
            outcome=move.outcome,
            seconds=0.0 if page is None else at_seconds - page.begun_at,
            ended_at=at_seconds,
            last_lines=() if page is None else tuple(page.last_lines or ()),
        )

    def _add_item(self, move: Move, page: _Page) -> None:
        fan, sign, _ = move.name.partition("[")
        if sign and page.attempt[0] and not (move.outcome is not None and move.outcome.is_cached):
            number, seconds = self._item_seconds.get(fan, (0, 0.0))
            self._item_seconds[fan] = number + 1, seconds + page.last_seconds

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
        more: dict[str, Any] = {}
        if (fan := plan.fan(name)) is not None:
            more = {"items": fan.counts, "items_kept": fan.kept}
            if (completed := self._item_seconds.get(name)) is not None:
                more["item_seconds"] = completed[1] / completed[0]
        if page is None:
            more["held_back_by"] = plan.held_back_by(name)
            more["left_out_because"] = self._left_out.get(name, "")
            more["kept"] = state is ExecutionState.COMPLETED
        else:
            tries = plan.tries(name)
            more["attempts"] = tries
            more["outcome"] = page.outcome
            more["seconds"] = max(0.0, page.ended_at - page.begun_at)
            more["started_at"] = page.started_at
            more["ended_at"] = page.ended_at if state in TERMINAL else 0.0
            more["attempt_reports"] = tuple(page.attempts()) if tries else ()
            more["last_lines"] = tuple(page.last_lines or ())
        more["cleans_up"] = task.run_if != "success" and not task.at_most_once
        return TaskReport(name, task.variant, state, max_attempts=task.max_attempts, kind=_kind(task), **more)


def _kind(task: TaskDefinition) -> Kind:
    return "group" if task.is_group else "items" if task.is_fan else "task"
