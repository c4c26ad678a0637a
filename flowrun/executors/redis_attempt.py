"""RedisAttempt: one attempt that is with workers elsewhere, and what is heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..attempt import Attempt, Outcome
from ..eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from ..frq.message import LogMessage, Message, ProgressMessage, ResultMessage, StartedMessage, TaskMessage
from .executor import Emit

_SEVERITY = {"stdout": Severity.INFO, "stderr": Severity.ERROR}
_LEVELS = {severity.value: severity for severity in Severity}
_LEVELS |= {"WARN": Severity.WARNING, "TRACE": Severity.DEBUG, "FATAL": Severity.CRITICAL}


class RedisAttempt:
    """One attempt, from its submit to its end. Of what is heard twice or too late, nothing is told."""

    def __init__(self, attempt: Attempt, emit: Emit, message: TaskMessage) -> None:
        self.attempt = attempt
        self.message = message
        self.entry = ""
        """What stands for it in the queue."""
        self.is_submitted = False
        """It is handed to Redis, or is about to be."""
        self.is_cut_short = False
        """It was asked to end."""
        self.delivery = 0
        """That which speaks; 0: no worker has begun."""
        self.worker = ""
        loop = asyncio.get_running_loop()
        self.result: asyncio.Future[ResultMessage] = loop.create_future()
        """What a worker reports."""
        self.settled: asyncio.Future[Outcome] = loop.create_future()
        """What was decided here, whatever a worker may report later."""
        self._emit = emit
        self._next_line: dict[str, int] = {}

    @property
    def id(self) -> str:
        """Unique for ever."""
        return self.message.id

    @property
    def is_over(self) -> bool:
        """How it ended is known."""
        return self.result.done() or self.settled.done()

    async def wait(self) -> None:
        """Return when it is over."""
        ways: list[asyncio.Future[Any]] = [self.result, self.settled]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)

    def settle(self, outcome: Outcome) -> None:
        """Give it an outcome without a worker. Only the first time counts."""
        if not self.settled.done():
            self.settled.set_result(outcome)

    def wait_for_another_result(self) -> None:
        """The one that came does not count: it is to be submitted again."""
        self.entry = ""
        self.result = asyncio.get_running_loop().create_future()

    def may_be_submitted_again(self) -> bool:
        """Redis lost it: that counts as a delivery. False: there was the last one that is allowed."""
        left = self.message.max_deliveries - max(1, self.delivery)
        if left < 1:
            return False
        self.message = replace(self.message, max_deliveries=left)
        self.delivery = 0
        self._next_line.clear()
        return True

    def hear(self, message: Message) -> None:
        """A worker says something."""
        if self.is_over:
            return
        match message:
            case StartedMessage():
                self._begins(message.delivery, message.worker)
            case LogMessage() if message.delivery >= self.delivery:
                self._begins(message.delivery)
                self._say_lines(message)
            case ProgressMessage() if message.delivery >= self.delivery:
                self._begins(message.delivery)
                self._say(Severity.INFO, _progress(message))
            case ResultMessage():
                self.result.set_result(message)

    def warn(self, text: str) -> None:
        """Put a line of our own into the log of the attempt."""
        self._say(Severity.WARNING, text)

    def _begins(self, delivery: int, worker: str = "") -> None:
        if delivery <= self.delivery:
            self.worker = self.worker or worker
            return
        before, self.worker = self.worker, worker
        if self.delivery:
            by = f"by {worker} " if worker else ""
            self.warn(f"flowrun: the worker {before} was lost; begun again {by}(delivery {delivery})")
        self.delivery = delivery
        self._next_line.clear()

    def _say_lines(self, message: LogMessage) -> None:
        next_line = self._next_line.get(message.stream, 1)
        lines = message.lines[max(0, next_line - message.first_line) :]
        self._next_line[message.stream] = max(next_line, message.first_line + len(message.lines))
        severity = _SEVERITY.get(message.stream)
        if severity is None:
            for _at, level, text in lines:
                self._say(_severity(level), text)
            return
        for one, texts in _together(lines, severity):
            self._emit(
                LogLinesEvent(
                    name=self.attempt.task,
                    attempt=self.attempt.number,
                    job_name=self.attempt.job_name,
                    severity=one,
                    lines=texts,
                )
            )

    def _say(self, severity: Severity, text: str) -> None:
        attempt = self.attempt
        self._emit(
            LogWriteEvent(
                name=attempt.task, attempt=attempt.number, job_name=attempt.job_name, severity=severity, message=text
            )
        )


def _together(lines: tuple[tuple[int, str, str], ...], of_stream: Severity) -> Iterator[tuple[Severity, str]]:
    """Lines of one severity that follow each other."""
    for severity, group in groupby(lines, lambda line: _severity(line[1], of_stream)):
        yield severity, "\n".join(text for _at, _level, text in group)


def _severity(level: str, otherwise: Severity = Severity.INFO) -> Severity:
    return _LEVELS.get(level) or _LEVELS.get(level.upper(), otherwise)


def _progress(message: ProgressMessage) -> str:
    so_far = f"{message.done:g}" if message.total is None else f"{message.done:g}/{message.total:g}"
    return f"{so_far} {message.message}".rstrip()
