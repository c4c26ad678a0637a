"""RedisAttempt: one attempt that is with workers elsewhere, and what is heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

from ..attempt import Attempt, Outcome
from ..eventbus.execution import AttemptBegun, AttemptLookedFor, Found
from ..eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from ..eventbus.progress import Progress, ProgressEvent
from ..frq.message import LogMessage, Message, ProgressMessage, ResultMessage, StartedMessage, TaskMessage
from ..frq.status import Status
from .executor import Emit

_SEVERITY = {"stdout": Severity.INFO, "stderr": Severity.ERROR}
_LEVELS = {severity.value: severity for severity in Severity}
_LEVELS |= {"WARN": Severity.WARNING, "TRACE": Severity.DEBUG, "FATAL": Severity.CRITICAL}
_PERFORMED = frozenset({Status.OK, Status.FAILED, Status.TIMEOUT})


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
        self.result: asyncio.Future[ResultMessage] = asyncio.get_running_loop().create_future()
        """What a worker reports."""
        self.settled: Outcome | None = None
        """What was decided here, whatever a worker may report later."""
        self._carrying = asyncio.current_task()
        self._is_looked_for = attempt.may_be_under_way
        self._emit = emit
        self._next_line: dict[str, int] = {}

    @property
    def id(self) -> str:
        """Unique for ever."""
        return self.message.id

    @property
    def is_over(self) -> bool:
        """How it ended is known."""
        return self.result.done() or self.settled is not None

    async def wait(self) -> None:
        """Return when it is over."""
        await asyncio.wait([self.result])

    def settle(self, outcome: Outcome) -> None:
        """Give it an outcome without a worker, which ends the wait of the task that carries it. The first counts."""
        if not self.is_over and self._carrying is not None:
            self.settled = outcome
            self.result.cancel()
            self._carrying.cancel()

    def leave(self) -> None:
        """It is carried no more: the task goes on with something else."""
        self._carrying = None

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
                self._tell_progress(message)
            case ResultMessage():
                if message.status in _PERFORMED:  # of what ends at once, no start is told
                    self._begins(message.delivery, message.worker)
                self.result.set_result(message)

    def found(self, found: Found) -> None:
        """Tell what became of an attempt that an earlier life of the run has begun, when it is known first."""
        if self._is_looked_for:
            self._is_looked_for = False
            attempt = self.attempt
            self._emit(
                AttemptLookedFor(name=attempt.task, attempt=attempt.number, job_name=attempt.job_name, found=found)
            )

    def warn(self, text: str) -> None:
        """Put a line of our own into the log of the attempt."""
        self._say(Severity.WARNING, text)

    def _begins(self, delivery: int, worker: str = "") -> None:
        if delivery <= self.delivery:
            if worker and not self.worker and delivery == self.delivery:
                self.worker = worker
                self._tell_begun()
            return
        before, self.worker = self.worker, worker
        if delivery > 1:
            lost = f"the worker {before}" if before else "a worker"  # that was lost before it told of its start
            by = f"by {worker} " if worker else ""
            self.warn(f"flowrun: {lost} was lost; begun again {by}(delivery {delivery})")
        self.delivery = delivery
        self._next_line.clear()
        self._tell_begun()

    def _tell_begun(self) -> None:
        attempt = self.attempt
        self._emit(
            AttemptBegun(name=attempt.task, attempt=attempt.number, worker=self.worker, job_name=attempt.job_name)
        )

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

    def _tell_progress(self, message: ProgressMessage) -> None:
        with suppress(ValueError):  # a worker may say what cannot be
            progress = Progress.checked(message.done, message.total, message.message)
            self._emit(ProgressEvent.of(self.attempt, progress))

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
