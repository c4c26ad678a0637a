"""News: what a worker tells the runner, on a topic of the cluster that only this run listens to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...attempt import Attempt
from ...eventbus.event import SerializableEvent
from ...eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from ...eventbus.progress import ProgressEvent

BEGAN = "began"
"""`[BEGAN, attempt]`"""
SAID = "said"
"""`[SAID, attempt, severity, text, is one message]`"""
ADVANCED = "advanced"
"""`[ADVANCED, attempt, done, total, message]`"""
STAYED = "stayed"
"""`[STAYED, attempt, name]`: its result stays on the cluster under this name."""
ENDED = "ended"
"""`[ENDED, attempt, outcome as JSON]`"""
LACKS = "lacks"
"""`[LACKS]`: the worker has nothing of the project yet."""

News = list[Any]

_SECONDS = 0.05
_BYTES = 1 << 16


class NewsDesk:
    """Collects the news of one worker. Its order is kept: the end of an attempt comes after all its lines."""

    def __init__(self, send: Callable[[list[News]], None]) -> None:
        """Call it on the loop of the worker; `send` is called there, with one batch."""
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._batch: list[News] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, *news: Any) -> None:
        """Tell it with the next batch, soon."""
        self._batch.append(list(news))
        if self._timer is None:
            self._timer = self._loop.call_later(_SECONDS, self.deliver)

    def tell_now(self, *news: Any) -> None:
        """Tell it, and what was to be told before, before anything else that the worker says."""
        self._batch.append(list(news))
        self.deliver()

    def tell_line(self, attempt: str, event: SerializableEvent) -> None:
        """Tell a log line of an attempt, or how far it is."""
        if isinstance(event, ProgressEvent):
            self.tell(ADVANCED, attempt, event.done, event.total, event.message)
            return
        if isinstance(event, LogLinesEvent):
            text, is_message = event.lines, False
        elif isinstance(event, LogWriteEvent):
            text, is_message = event.message, True
        else:
            return
        self.tell(SAID, attempt, event.severity.value, text, is_message)
        self._size += len(text)
        if self._size >= _BYTES:
            self.deliver()

    def deliver(self) -> None:
        """Tell what is waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._batch, self._size = self._batch, [], 0
        if batch:
            self._send(batch)


def line_event(attempt: Attempt, severity: str, text: str, is_message: bool) -> SerializableEvent:
    """The log event of a line that a worker told."""
    who: dict[str, Any] = {"name": attempt.task, "attempt": attempt.number, "job_name": attempt.job_name}
    if is_message:
        return LogWriteEvent(**who, severity=Severity(severity), message=text)
    return LogLinesEvent(**who, severity=Severity(severity), lines=text)
