"""Resident: one attempt that is performed inside the runner's process, by a thread or a coroutine."""

from __future__ import annotations

import asyncio

from ..attempt import Attempt, Outcome
from ..eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from ..shared_dict import SharedDict
from .abort_switch import AbortSwitch
from .capture import Spoken
from .executor import Emit, Workplace
from .perform import Station
from .post import Post


class Resident:
    """Made on the engine's thread, used by the worker, and finished on the engine's thread again."""

    __slots__ = ("_emit", "_post", "_shared", "_workplace", "attempt", "outcome", "spoken", "station", "switch")

    def __init__(self, attempt: Attempt, emit: Emit, workplace: Workplace, post: Post) -> None:
        self.attempt = attempt
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.switch = AbortSwitch()
        self.spoken = Spoken(self._say_lines)
        self._emit = emit
        self._workplace = workplace
        self._post = post
        self._shared = SharedDict(workplace.shared)
        self.station = Station(self._shared, self._say_message, self.switch, workplace.max_result_bytes)

    def finish(self, outcome: Outcome) -> None:
        """Called by the worker with what came of it."""
        changed = self._shared.changed_keys()
        if changed:
            outcome = outcome.but(shared={key: self._workplace.shared.get(key)[0] for key in changed})
        self._post.put(lambda: self.settle(outcome))

    def settle(self, outcome: Outcome) -> None:
        """Called on the engine's thread; only the first outcome counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def _say_lines(self, severity: Severity, lines: str) -> None:
        attempt = self.attempt
        event = LogLinesEvent(
            name=attempt.task, attempt=attempt.number, job_name=attempt.job_name, severity=severity, lines=lines
        )
        self._post.put(lambda: self._pass_on(event))

    def _say_message(self, severity: Severity, message: str) -> None:
        self.spoken.close()
        attempt = self.attempt
        event = LogWriteEvent(
            name=attempt.task, attempt=attempt.number, job_name=attempt.job_name, severity=severity, message=message
        )
        self._post.put(lambda: self._pass_on(event))

    def _pass_on(self, event: LogLinesEvent | LogWriteEvent) -> None:
        if not self.outcome.done():
            self._emit(event)
