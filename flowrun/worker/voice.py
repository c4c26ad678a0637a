"""Voice: what an attempt says, on its way to the client that asked for it, whole batches of lines at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from ..eventbus.event import SerializableEvent
from ..eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from ..eventbus.progress import ProgressEvent
from ..frq.message import LogMessage, ProgressMessage
from .backlog import Backlog

_BATCH_SECONDS = 0.1
_BATCH_LINES = 256
_BATCH_BYTES = 64 << 10
_LONGEST_LINE = 32 << 10
MOST_BYTES = 10 << 20
"""What one attempt may say."""

Line = tuple[int, str, str]
Spoken = LogMessage | ProgressMessage
Send = Callable[[Sequence[Spoken]], Awaitable[str]]


class Wire(NamedTuple):
    """Where an attempt is heard."""

    attempt_id: str
    attempt: int
    delivery: int
    send: Send
    """Sends messages in their order, however long that takes; gives the id of the last one."""


class Voice:
    """Collects what one attempt says and sends it: after 100 ms, 256 lines or 64 KiB."""

    def __init__(self, wire: Wire, backlog: Backlog, now_ms: Callable[[], int]) -> None:
        self._wire, self._backlog, self._now_ms = wire, backlog, now_ms
        self._stream = ""
        self._lines: list[Line] = []
        self._size = 0
        self._said_lines = 0
        self._said_bytes = 0
        self.dropped = 0
        """Lines beyond what one attempt may say."""
        self._waiting: deque[tuple[Spoken, int]] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._last_id = ""
        self._is_silent = False

    def hear(self, event: SerializableEvent) -> None:
        """Take what the attempt says."""
        if isinstance(event, LogLinesEvent):
            stream = "stderr" if event.severity is Severity.ERROR else "stdout"
            self._say(stream, event.severity, event.lines.split("\n"))
        elif isinstance(event, LogWriteEvent):
            self._say("log", event.severity, [event.message])
        elif isinstance(event, ProgressEvent):
            self._advance(event)

    async def close(self) -> str:
        """The attempt is over: gives the id of its last entry when everything is sent; empty: it said nothing."""
        self._leave()
        if self._sending is not None:
            await asyncio.wait([self._sending])
            if not self._sending.cancelled():
                self._sending.result()
        return self._last_id

    def fall_silent(self) -> None:
        """Nobody wants to hear any more: what was not sent is dropped."""
        self._said_bytes = MOST_BYTES + 1
        self._is_silent = True
        self._lines = []
        self._backlog.add(-sum(size for _message, size in self._waiting))
        self._waiting.clear()
        if self._sending is not None:
            self._sending.cancel()

    def _advance(self, event: ProgressEvent) -> None:
        """How far it is; of what could not be sent yet, the latest counts. It is no part of what may be said."""
        if self._is_silent:
            return
        wire = self._wire
        if self._waiting and isinstance(self._waiting[-1][0], ProgressMessage):
            self._waiting.pop()
        self._post(
            ProgressMessage(wire.attempt_id, wire.attempt, wire.delivery, event.done, event.total, event.message), 0
        )

    def _say(self, stream: str, level: str, texts: Sequence[str]) -> None:
        if self._said_bytes > MOST_BYTES:
            self.dropped += len(texts)
            return
        if stream != self._stream:
            self._leave()
            self._stream = stream
        at_ms = self._now_ms()
        for index, text in enumerate(texts):
            self._add(at_ms, level, text if len(text) <= _LONGEST_LINE // 4 else _cut(text))
            if self._said_bytes > MOST_BYTES:
                self.dropped += len(texts) - index - 1
                self._tell_truncated(at_ms)
                return
        if self._lines and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_BATCH_SECONDS, self._leave)

    def _add(self, at_ms: int, level: str, text: str) -> None:
        size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        self._lines.append((at_ms, str(level), text))
        self._size += size
        self._said_bytes += size + 1
        if len(self._lines) >= _BATCH_LINES or self._size >= _BATCH_BYTES:
            self._leave()

    def _tell_truncated(self, at_ms: int) -> None:
        self._leave()
        self._stream = "log"
        self._lines = [(at_ms, Severity.WARNING.value, f"truncated: an attempt may say {MOST_BYTES >> 20} MiB")]
        self._leave()

    def _leave(self) -> None:
        """What was collected goes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._lines:
            return
        first, lines, size = self._said_lines + 1, tuple(self._lines), self._size
        self._said_lines += len(lines)
        self._lines, self._size = [], 0
        wire = self._wire
        self._post(LogMessage(wire.attempt_id, wire.attempt, wire.delivery, self._stream, first, lines), size)

    def _post(self, message: Spoken, size: int) -> None:
        self._waiting.append((message, size))
        self._backlog.add(size)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_waiting())

    async def _send_waiting(self) -> None:
        while self._waiting:
            going = list(self._waiting)
            self._waiting.clear()
            try:
                self._last_id = await self._wire.send([message for message, _size in going])
            finally:
                self._backlog.add(-sum(size for _message, size in going))


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return text if len(data) <= _LONGEST_LINE else data[:_LONGEST_LINE].decode("utf-8", "ignore") + "…"
