"""FreshExecutor: stands before another executor and lets through what is not up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from ..attempt import Attempt, Outcome, Reason
from ..eventbus.log import LogWriteEvent, Severity
from ..executors.executor import DirectExecutor, Emit, Ended, Executor, Workplace
from ..jobdefinition.task_definition import TaskDefinition
from .file_digests import InterruptedReading

if TYPE_CHECKING:
    from .door import Door


class FreshExecutor(DirectExecutor):
    """Takes the outcome of an earlier run where nothing has changed; everything else is for the other executor.

    Tasks without `inputs`, `outputs` and `cache` go to it at once.
    """

    __slots__ = ("_cases", "_door", "_inner")
    if TYPE_CHECKING:
        _cases: dict[str, _Case]
        _door: Door
        _inner: Executor

    def __init__(self, inner: Executor, door: Door) -> None:
        """`door` decides about the attempts that come to `inner`."""
        super().__init__()
        self._cases = {}
        self._door = door
        self._inner = inner

    @property
    def is_resident(self) -> bool:  # type: ignore[override]  # it is as the other one is
        """As the other executor."""
        return self._inner.is_resident

    @property
    def counts_timeout(self) -> bool:  # type: ignore[override]  # as above
        """As the other executor."""
        return self._inner.counts_timeout

    @property
    def max_slots(self) -> int | None:
        return self._inner.max_slots

    def prepare(self, workplace: Workplace) -> None:
        self._inner.prepare(workplace)

    async def on_create(self) -> None:
        await self._inner.on_create()

    def let_go(self, tasks: Iterable[str]) -> None:
        self._inner.let_go(tasks)

    async def bring_home(self) -> None:
        await self._inner.bring_home()

    async def on_destroy(self) -> None:
        await self._inner.on_destroy()

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        task = self._door.definition(attempt.task)
        if task is None and isinstance(self._inner, DirectExecutor):
            self._inner.begin(attempt, emit, ended)
            return
        case = self._cases[attempt.id] = _Case()
        case.work = asyncio.ensure_future(self._see_to(case, attempt, task, emit))
        case.work.add_done_callback(partial(self._over, attempt, ended))

    async def abort(self, attempt: Attempt) -> None:
        case = self._cases.get(attempt.id)
        if case is None or case.is_inside:
            await self._inner.abort(attempt)
        else:
            case.unwanted.set()

    async def kill(self, attempt: Attempt) -> None:
        case = self._cases.get(attempt.id)
        if case is None or case.is_inside:
            await self._inner.kill(attempt)
        else:
            case.unwanted.set()

    async def _see_to(self, case: _Case, attempt: Attempt, task: TaskDefinition | None, emit: Emit) -> Outcome:
        if task is None:
            return await self._let_through(case, attempt, emit)
        try:
            finding, outcome = await asyncio.to_thread(self._door.knock, attempt, task, case.unwanted.is_set)
            if outcome is not None:
                return outcome
            if case.unwanted.is_set():
                return Outcome.aborted()
        except InterruptedReading:
            return Outcome.aborted()
        if finding is not None and finding.earlier is not None and finding.why:
            emit(_remark(attempt, f"will run: {finding.why}"))
        outcome = await self._let_through(case, attempt, emit)
        if not outcome.is_completed:
            return outcome
        return await asyncio.to_thread(self._door.leave, attempt, task, finding, outcome, case.unwanted.is_set)

    async def _let_through(self, case: _Case, attempt: Attempt, emit: Emit) -> Outcome:
        case.is_inside = True
        try:
            return await self._inner.run(attempt, emit)
        finally:
            case.is_inside = False

    def _over(self, attempt: Attempt, ended: Ended, done: asyncio.Future[Outcome]) -> None:
        del self._cases[attempt.id]
        error = None if done.cancelled() else done.exception()
        if error is not None:  # a fault of the executor, which may be the user's own
            message = f"the executor failed: {type(error).__name__}: {error}"
            ended(Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",)))
        else:
            ended(Outcome.aborted() if done.cancelled() else done.result())


def _remark(attempt: Attempt, message: str) -> LogWriteEvent:
    """A line of flowrun's own in the log of a task."""
    return LogWriteEvent(
        name=attempt.task,
        attempt=attempt.number,
        job_name=attempt.job_name,
        severity=Severity.INFO,
        message=message,
    )


class _Case:
    """One attempt under way."""

    __slots__ = ("is_inside", "unwanted", "work")

    def __init__(self) -> None:
        self.unwanted = Event()
        """Nobody waits for it any more. Asked by the thread that reads files."""
        self.is_inside = False
        """It is with the other executor."""
        self.work: asyncio.Future[Outcome] | None = None
