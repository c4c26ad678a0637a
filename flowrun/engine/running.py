"""Running: the attempts that are with a worker, and how they are ended early."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from ..attempt import Attempt, Outcome, Reason
from ..eventbus import EventBus
from ..eventbus.event import SerializableEvent
from ..eventbus.log import LogEndEvent, LogStartEvent, SerializableLogEvent
from ..executors.executor import DirectExecutor, Executor

_LAST_WAIT_SECONDS = 1.0
"""What has not ended so long after it was killed is left behind."""

Ended = Callable[[str, Outcome], None]


class _One:
    """One attempt under way."""

    __slots__ = ("attempt", "cut_short", "executor", "is_marked", "timeout_seconds", "timer", "waiting")

    def __init__(self, attempt: Attempt, executor: Executor, timeout_seconds: float | None) -> None:
        self.attempt = attempt
        self.executor = executor
        self.timeout_seconds = timeout_seconds
        self.cut_short: Reason | None = None
        self.is_marked = False
        """Loggers know that it has begun."""
        self.timer: asyncio.TimerHandle | None = None
        self.waiting: asyncio.Task[None] | None = None


class Running:
    """Hands attempts to their executors and waits for each; `ended` is called with every outcome."""

    def __init__(self, bus: EventBus, grace_seconds: float, ended: Ended, *, marks_silent: bool) -> None:
        """`marks_silent`: begin and end are told of attempts too that say nothing."""
        self._bus = bus
        self._marks_silent = marks_silent
        self._grace_seconds = grace_seconds
        self._ended = ended
        self._by_task: dict[str, _One] = {}
        self.most = 0
        """So many attempts at most were under way at the same time."""
        self._errands: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._by_task)

    def begin(self, attempt: Attempt, executor: Executor, timeout_seconds: float | None) -> None:
        """Have an attempt performed; when it takes longer than its timeout it is aborted and counts as failed."""
        one = self._by_task[attempt.task] = _One(attempt, executor, timeout_seconds)
        self.most = max(self.most, len(self._by_task))
        if timeout_seconds is not None and not executor.counts_timeout:
            loop = asyncio.get_running_loop()
            one.timer = loop.call_later(timeout_seconds, self.abort, attempt.task, Reason.TIMED_OUT)
        if self._marks_silent:
            self._mark_begin(one)
        if isinstance(executor, DirectExecutor):
            self._begin_directly(one, executor)
        else:
            one.waiting = asyncio.create_task(self._see_through(one))

    def abort(self, task: str, reason: Reason = Reason.ABORTED) -> None:
        """Ask the attempt of a task to end; after the grace time it is killed."""
        one = self._by_task.get(task)
        if one is None or one.cut_short is not None:
            return
        one.cut_short = reason
        asyncio.get_running_loop().call_later(self._grace_seconds, self._kill, one)
        self._run_errand(one.executor.abort(one.attempt))

    def kill_all(self) -> None:
        """End every attempt at once."""
        for one in list(self._by_task.values()):
            one.cut_short = one.cut_short or Reason.ABORTED
            self._kill(one)

    def _begin_directly(self, one: _One, executor: DirectExecutor) -> None:
        try:
            executor.begin(one.attempt, partial(self._emit, one), partial(self._over, one))
        except Exception as error:  # a fault of the executor, which may be the user's own
            self._over(one, _not_started(error))

    async def _see_through(self, one: _One) -> None:
        try:
            outcome = await one.executor.run(one.attempt, partial(self._emit, one))
        except (Exception, asyncio.CancelledError) as error:  # as above
            if self._by_task.get(one.attempt.task) is not one:
                raise  # it was left behind
            outcome = _not_started(error)
        self._over(one, outcome)

    def _emit(self, one: _One, event: SerializableEvent) -> None:
        if not one.is_marked and isinstance(event, SerializableLogEvent):
            self._mark_begin(one)
        self._bus.put(event)

    def _mark_begin(self, one: _One) -> None:
        attempt = one.attempt
        one.is_marked = True
        self._bus.put(LogStartEvent(name=attempt.task, attempt=attempt.number, job_name=attempt.job_name))

    def _over(self, one: _One, outcome: Outcome) -> None:
        attempt = one.attempt
        if self._by_task.get(attempt.task) is not one:
            return
        del self._by_task[attempt.task]
        if one.timer is not None:
            one.timer.cancel()
        if one.is_marked:
            self._bus.put(LogEndEvent(name=attempt.task, attempt=attempt.number, job_name=attempt.job_name))
        self._ended(attempt.task, as_cut_short(outcome, one.cut_short, one.timeout_seconds))

    def _kill(self, one: _One) -> None:
        if self._by_task.get(one.attempt.task) is one:
            self._run_errand(one.executor.kill(one.attempt))
            asyncio.get_running_loop().call_later(_LAST_WAIT_SECONDS, self._leave_behind, one)

    def _leave_behind(self, one: _One) -> None:
        if self._by_task.get(one.attempt.task) is one:
            if one.waiting is not None:
                one.waiting.cancel()
            lost = Outcome.failed("could not be stopped", Reason.LOST).but(abandoned=True)
            self._over(one, lost)

    def _run_errand(self, work: Coroutine[Any, Any, None]) -> None:
        errand = asyncio.create_task(_without_raising(work))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


def as_cut_short(outcome: Outcome, reason: Reason | None, timeout_seconds: float | None = None) -> Outcome:
    """An outcome as it counts if the attempt was asked to end. One that completed in time is completed."""
    if reason is None or outcome.is_completed:
        return outcome
    if reason is Reason.TIMED_OUT:
        took = f"took longer than {timeout_seconds:g} s" if timeout_seconds else "took too long"
        names = ("TimeoutError", "OSError", "Exception", "BaseException")
        return outcome.but(reason=reason, message=took, error_types=names)
    if outcome.signal == signal.SIGKILL:  # by us, not for want of memory
        return outcome.but(reason=reason, message="stopped from outside: it was killed, for it did not end by itself")
    return outcome.but(reason=reason, message=outcome.message or "stopped from outside")


def _not_started(error: BaseException) -> Outcome:
    message = f"the executor failed: {type(error).__name__}: {error}"
    return Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",))


async def _without_raising(work: Coroutine[Any, Any, None]) -> None:
    """An abort that fails changes nothing: the kill after the grace time follows anyway."""
    try:
        await work
    except Exception:  # the executor may be the user's own
        return
