"""Listener: hears the events of a run and writes a line about each."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from ..eventbus.execution import ExecutionStateTransition, SerializableExecutionEvent
from ..lifecycle import AsyncLifecycle
from .printable import harmless

LineOf = Callable[[SerializableExecutionEvent], str]
"""What to write about an event; empty: nothing."""


class Listener(AsyncLifecycle):
    """Writes the line that `line_of` gives for each event, those of one batch at once."""

    takes_batches: ClassVar[bool] = False

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        self.batch = Batch(line_of, write)

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Keep the line; what a batch has brought is written when the batch is over."""
        self.batch.hear(e)

    async def on_destroy(self) -> None:
        """Write what is left."""
        self.batch.write()


class Batch:
    """Lines that wait for the end of the batch of events that brought them."""

    __slots__ = ("_line_of", "_lines", "_write")

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        self._line_of = line_of
        self._write = write
        self._lines: list[str] = []

    def hear(self, e: SerializableExecutionEvent) -> None:
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


def json_line(e: SerializableExecutionEvent) -> str:
    """The event as one line of JSON."""
    return e.serialize()


def debug_line(e: SerializableExecutionEvent) -> str:
    """The bare transition."""
    if not isinstance(e, ExecutionStateTransition):
        return ""
    return (
        f"{e.timestamp.isoformat(timespec='milliseconds')} {harmless(e.name)}: {e.from_state.name} -> {e.to_state.name}"
    )
