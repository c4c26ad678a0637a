"""Sent: one attempt that the runner has given to a Dask cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...attempt import Attempt, Outcome, Reason
from ...eventbus.execution import AttemptBegun
from ...eventbus.progress import Progress, ProgressEvent
from ..executor import Emit, Ended
from .news import line_event

_TIMEOUT_NAMES = ("TimeoutError", "OSError", "Exception", "BaseException")


class Sent:
    """Which worker has it, and how its end is told, once."""

    __slots__ = (
        "_emit",
        "_ended",
        "_is_late",
        "_timer",
        "address",
        "attempt",
        "deliveries",
        "future",
        "left",
        "needs",
        "watch",
        "worker",
    )

    def __init__(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        self.attempt = attempt
        self._emit = emit
        self._ended = ended
        self.future: Any = None
        """Of Dask; None: not handed over yet."""
        self.needs: list[str] = []
        """Names of values on the cluster that Dask brings to its worker."""
        self.left: Any = None
        """The future of its result, if its worker has left that on the cluster."""
        self.watch: asyncio.Task[None] | None = None
        self.worker = ""
        """Id of the worker that has begun it."""
        self.address = ""
        self.deliveries = 0
        self._is_late = False
        self._timer: asyncio.TimerHandle | None = None

    def began(self, worker: str, address: str, too_late: Callable[[Sent], None]) -> None:
        """A worker has begun it; an earlier one was lost. From now on its time runs."""
        self.worker, self.address = worker, address
        self.deliveries += 1
        attempt = self.attempt
        self._emit(AttemptBegun(name=attempt.task, attempt=attempt.number, worker=address, job_name=attempt.job_name))
        if self.attempt.timeout_seconds is not None:
            self._stop_timer()
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self.attempt.timeout_seconds, self._time_is_up, too_late)

    def said(self, severity: str, text: str, is_message: bool) -> None:
        """A log line came."""
        self._emit(line_event(self.attempt, severity, text, is_message))

    def advanced(self, done: float, total: float | None, message: str) -> None:
        """It says how far it is."""
        self._emit(ProgressEvent.of(self.attempt, Progress(done, total, message)))

    def settle(self, outcome: Outcome) -> None:
        """It has ended."""
        self._stop_timer()
        if self.watch is not None:
            self.watch.cancel()
        self._ended(self._timed_out(outcome) if self._is_late and not outcome.is_completed else outcome)

    def _timed_out(self, outcome: Outcome) -> Outcome:
        took = f"took longer than {self.attempt.timeout_seconds:g} s"
        return outcome.but(reason=Reason.TIMED_OUT, message=took, error_types=_TIMEOUT_NAMES)

    def _time_is_up(self, too_late: Callable[[Sent], None]) -> None:
        self._is_late = True
        too_late(self)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
