"""Listener: hears the transitions of a run and writes a line about each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import PrivateAttr

from ..duration import duration
from ..eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from ..extensions.extension import Extension
from .printable import harmless

_S = ExecutionState

LineOf = Callable[[ExecutionStateTransition], str]
"""What to write about a transition; empty: nothing."""


class Listener(Extension):
    """Writes the line that `line_of` gives for each transition, those of one batch at once."""

    _batch: Batch = PrivateAttr()

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        super().__init__()
        self._batch = Batch(line_of, write)

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Keep the line; what a batch has brought is written when the batch is over."""
        if isinstance(e, ExecutionStateTransition):
            self._batch.hear(e)

    async def on_destroy(self) -> None:
        """Write what is left."""
        self._batch.write()


class Batch:
    """Lines that wait for the end of the batch of events that brought them."""

    __slots__ = ("_line_of", "_lines", "_write")

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        self._line_of = line_of
        self._write = write
        self._lines: list[str] = []

    def hear(self, e: ExecutionStateTransition) -> None:
        """Keep the line of an event. Called within an event loop, which gets its turn when the batch is over."""
        line = self._line_of(e)
        if not line:
            return
        if not self._lines:
            import asyncio  # late: the process that starts tasks is forked before, and is better small

            asyncio.get_running_loop().call_soon(self.write)
        self._lines.append(line)

    def write(self) -> None:
        """Write what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write("\n".join(lines))


def json_line(e: ExecutionStateTransition) -> str:
    """The event as one line of JSON."""
    return e.serialize()


def debug_line(e: ExecutionStateTransition) -> str:
    """The bare transition."""
    return (
        f"{e.timestamp.isoformat(timespec='milliseconds')} {harmless(e.name)}: {e.from_state.name} -> {e.to_state.name}"
    )


class EventLines:
    """A plain line with a time stamp for each thing that happens to a task."""

    def __init__(self, paint: Callable[[str, str], str]) -> None:
        self._paint = paint
        self._first_start: dict[str, float] = {}
        self._paused_at: dict[str, float] = {}
        self._at: datetime | None = None
        self._stamp = ""
        self._seconds = 0.0

    def line(self, e: ExecutionStateTransition) -> str:
        """`2026-11-21T02:00:12Z completed extract-orders 12.4s`."""
        if e.timestamp is not self._at:  # what happened at once has one time, and making its text is slow
            self._at = e.timestamp
            self._stamp = e.timestamp.isoformat(timespec="seconds").replace("+00:00", "Z")
            self._seconds = e.timestamp.timestamp()
        said = self._say(e, self._seconds)
        if not said:
            return ""
        verb, rest = said
        colour = _COLOURS.get(verb)
        return f"{self._stamp} {self._paint(verb, colour) if colour else verb} {harmless(e.name, 200)}{rest}"

    def _say(self, e: ExecutionStateTransition, at: float) -> tuple[str, str] | None:
        match e.from_state, e.to_state:
            case _, _S.RUNNING:
                return "started", self._started(e, at)
            case _S.RUNNING, _S.PENDING:
                self._paused_at[e.name] = at
                return "retrying", f" after attempt {e.attempt} failed{_why(e)}"
            case _S.INIT, _S.COMPLETED:
                return "kept", " completed before"
            case _, _S.COMPLETED:
                return "completed", self._took(e, at)
            case _, _S.FAILED:
                return "failed", f"{self._took(e, at)}{_why(e)}"
            case _, _S.DEFAULTED:
                return "blocked", ""
            case _, _S.ABORTED:
                return "aborted", self._took(e, at)
            case _, _S.SKIP:
                return "skipped", ""
        return None

    def _started(self, e: ExecutionStateTransition, at: float) -> str:
        self._first_start.setdefault(e.name, at)
        paused_at = self._paused_at.pop(e.name, None)
        return f" attempt {e.attempt}, waited {duration(at - paused_at)}" if paused_at is not None else ""

    def _took(self, e: ExecutionStateTransition, at: float) -> str:
        started = self._first_start.pop(e.name, None)
        return f" {duration(at - started)}" if started is not None else ""


def _why(e: ExecutionStateTransition) -> str:
    return f": {harmless(e.outcome.message, 300)}" if e.outcome and e.outcome.message else ""


_COLOURS = {"completed": "green", "failed": "red", "blocked": "yellow", "aborted": "yellow", "retrying": "yellow"}
