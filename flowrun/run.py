"""Run: one run of an opened job, from the fork of the starter to the report."""

from __future__ import annotations

import gc
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .assemble import OpenJob, assemble, make_examiner, make_executors
from .checkpointer.checkpointer import Checkpointer
from .checkpointer.opened import guarded
from .continuation import contents_of, encoded_shared, plan_of
from .engine.report import Report
from .engine.restart import RestartPlan
from .errors import NotConfirmedError, StateError
from .executors.executor import Executor, Workplace, release
from .extensions.extension import Extension, Hearer
from .job_lock import JobLock
from .jobdefinition.model import ConfigurationDefinition
from .request import RunRequest
from .shared_values import SharedValues
from .task import KnownVariants

if TYPE_CHECKING:
    from .engine.job import Job
    from .engine.loop import Loop
    from .engine.subscribers import Subscribers
    from .history.recorder import HistoryRecorder

Confirm = Callable[[RestartPlan], bool]
"""Asked before anything starts."""
WhenOver = Callable[[Report], None]
"""Told how a job went when only tasks are left for which nobody waits."""

_BATCH_SECONDS = 0.1
"""What listeners need at most for one batch."""

_SELDOM = (50_000, 20, 100)


class Run:
    """One run of an opened job, from the fork of the starter to the report."""

    def __init__(
        self,
        job: OpenJob,
        request: RunRequest,
        config: ConfigurationDefinition,
        checkpointer: Checkpointer,
        lock: JobLock | None,
    ) -> None:
        """`config` is the job's, with what was asked for standing above it; `lock` is held by the caller."""
        self._job = job
        self._request = request
        self._config = config
        self._checkpointer = checkpointer
        self._lock = lock
        self._shared = SharedValues()
        self._wait_for_room: Callable[[], Awaitable[None]] = _no_wait
        self._is_full: Callable[[], bool] = lambda: False
        self._hands_live = False
        self._conductor: Loop | None = None
        self._recorder: HistoryRecorder | None = None

    def perform(
        self, listeners: Sequence[Extension | Hearer], confirm: Confirm, when_over: WhenOver | None = None
    ) -> Report:
        """Everything that forks comes first, while there is one thread; then the event loop."""
        executors = self._prepared()
        import asyncio

        with collecting_seldom():
            return asyncio.run(self._conduct(executors, listeners, confirm, when_over))

    async def perform_here(
        self, listeners: Sequence[Extension | Hearer] = (), when_over: WhenOver | None = None
    ) -> Report:
        """The same in the event loop of the caller, whose signals are left alone. A cancellation stops the job.

        `when_over` is told how it went, if only tasks are left for which nobody waits.
        """
        self._hands_live = True
        executors = self._prepared()
        loop = await self._opened(executors, listeners, lambda _plan: True)
        return await _to_the_end(loop, when_over)

    @property
    def _encodes(self) -> bool:
        """Results of tasks in this process are kept for later runs."""
        examined = any(task.is_examined for task in self._job.definition.tasks.values())
        return not self._hands_live or examined or not self._checkpointer.keeps_nothing

    async def _conduct(
        self,
        executors: Mapping[str, Executor],
        listeners: Sequence[Extension | Hearer],
        confirm: Confirm,
        when_over: WhenOver | None,
    ) -> Report:
        from .engine.signals import stopping_on_signals

        loop = await self._opened(executors, listeners, confirm)
        with stopping_on_signals(loop.stop):
            return await self._recorded(loop.run(None if when_over is None else self._once_heard(when_over)))

    async def _recorded(self, running: Awaitable[Report]) -> Report:
        """Have the history told how the run ended, if it is told of it at all."""
        if self._recorder is None:
            return await running
        from .recording import concluded

        return await concluded(self._recorder, self._job.root, running)

    def _once_heard(self, when_over: WhenOver) -> WhenOver:
        """The same, told when listeners have heard what was before: they hear in batches."""
        import asyncio

        seconds = self._config.extensions_interval_seconds + _BATCH_SECONDS

        def tell(report: Report) -> None:
            asyncio.get_running_loop().call_later(seconds, when_over, report)

        return tell

    def _prepared(self) -> dict[str, Executor]:
        executors = make_executors(self._job, self._config)
        for name, executor in executors.items():
            executor.prepare(self._workplace(name))
        return self._behind_doors(executors)

    def _behind_doors(self, executors: dict[str, Executor]) -> dict[str, Executor]:
        """Those of tasks that may be up to date let only others through."""
        job = self._job
        used = {job.checked.executor_of[name] for name, task in job.definition.tasks.items() if task.is_examined}
        if not used:
            return executors
        from .freshness.door import Door
        from .freshness.executor import FreshExecutor

        door = Door(make_examiner(job), self._shared, is_forced=self._request.is_forced, verifies=self._request.verify)
        return {name: FreshExecutor(one, door) if name in used else one for name, one in executors.items()}

    async def _opened(
        self, executors: Mapping[str, Executor], listeners: Sequence[Extension | Hearer], confirm: Confirm
    ) -> Loop:
        checkpointer = self._checkpointer
        try:
            await guarded(checkpointer, "on_create", checkpointer.on_create())
            return await self._loop(executors, listeners, confirm)
        except BaseException:
            await release(executors.values())
            with suppress(StateError):
                await guarded(checkpointer, "on_destroy", checkpointer.on_destroy())
            raise

    async def _loop(
        self, executors: Mapping[str, Executor], listeners: Sequence[Extension | Hearer], confirm: Confirm
    ) -> Loop:
        from .engine.loop import Loop
        from .engine.surroundings import Surroundings

        job = self._job
        contents = await contents_of(self._checkpointer, job.name, self._request)
        plan = plan_of(job, self._request, contents)
        if not confirm(plan):
            raise NotConfirmedError("not started")
        if contents is not None:
            self._shared.restore(encoded_shared(self._checkpointer, contents))
        assembled = assemble(job, self._config, executors, self._checkpointer, plan, self._shared)
        assembled = assembled if self._encodes else replace(assembled, encodes=False)
        subscribers = self._subscribers(assembled, plan, listeners)
        surroundings = Surroundings(self._request.clock, _draw, self._request.answers)
        self._conductor = Loop(assembled, plan, subscribers, contents, surroundings)
        return self._conductor

    def _subscribers(self, assembled: Job, plan: RestartPlan, listeners: Sequence[Extension | Hearer]) -> Subscribers:
        from .engine.subscribers import Subscribers

        is_silent = self._request.is_silent
        subscribers = Subscribers(
            {
                **({} if is_silent else assembled.loggers),
                **self._request.loggers,
            },
            {
                **({} if is_silent else assembled.extensions),
                **{f"listener {number}": listener for number, listener in enumerate(listeners)},
                **self._recorders(assembled, plan),
            },
            job_name=self._job.name,
            loggers_interval_seconds=self._config.loggers_interval_seconds,
            extensions_interval_seconds=self._config.extensions_interval_seconds,
        )
        self._wait_for_room = subscribers.wait_for_room
        self._is_full = lambda: subscribers.is_full
        return subscribers

    def _say(self, executor: str, text: str) -> None:
        if self._conductor is not None:
            self._conductor.notice(executor, text)

    def _give_up(self, executor: str, reason: str) -> None:
        if self._conductor is not None:
            self._conductor.give_up(executor, reason)

    def _recorders(self, assembled: Job, plan: RestartPlan) -> dict[str, HistoryRecorder]:
        """Who writes the history; a job inside of a program leaves no traces that it does not ask for."""
        if self._config.history is False or self._request.is_silent or self._hands_live:
            return {}
        from .recording import recorder_of

        self._recorder = recorder_of(self._job, assembled, self._request, self._config, plan)
        return {"the history": self._recorder}

    def _staying(self, executor: str) -> frozenset[str]:
        from .engine.staying import staying

        job = self._job
        if not self._encodes:
            return frozenset()
        return staying(
            executor,
            job.checked.executor_of,
            job.definition.tasks,
            job.expressions,
            job.graph,
            job.loaded.flat.resolve,
        )

    def _workplace(self, executor: str) -> Workplace:
        job = self._job
        return Workplace(
            root=job.root,
            variants=KnownVariants(
                (task.variant, job.checked.tasks[name])
                for name, task in job.definition.tasks.items()
                if job.checked.executor_of.get(name) == executor and name in job.checked.tasks
            ),
            shared=self._shared,
            max_result_bytes=self._config.max_result_bytes,
            once=frozenset(
                name
                for name, task in job.definition.tasks.items()
                if task.at_most_once and job.checked.executor_of.get(name) == executor
            ),
            grace_seconds=self._config.grace_seconds,
            hands_on=bool(job.expressions),
            hands_live=self._hands_live or bool(job.expressions),
            encodes=self._encodes,
            private_descriptors=() if self._lock is None else (self._lock.descriptor,),
            is_full=lambda: self._is_full(),
            wait_for_room=lambda: self._wait_for_room(),
            staying=partial(self._staying, executor),
            is_asked_later=self._hands_live,
            is_discovered=bool(job.discovery.modules),
            discovery={
                "directories": self._config.extension_directories,
                "packages": self._config.extension_packages,
            },
            say=partial(self._say, executor),
            give_up=partial(self._give_up, executor),
        )


async def _to_the_end(loop: Loop, when_over: WhenOver | None) -> Report:
    """Run a job; if the caller is cancelled it is stopped, and with the second time its tasks are killed."""
    import asyncio

    running = asyncio.ensure_future(loop.run(when_over))
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError as error:
            cancelled = error
            loop.stop()
    if cancelled is not None:
        raise cancelled
    return running.result()


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """What is loaded stays, and a run makes few cycles: the collector need not look through everything so often.

    Measured with 10,000 coroutine tasks: it took a third of the run.
    """
    before = gc.get_threshold()
    if before == _SELDOM:  # another run in this process has seen to it, and puts it back
        yield
        return
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _draw() -> float:
    """A number from 0 to 1, for the jitter of pauses."""
    return int.from_bytes(os.urandom(4)) / 0xFFFFFFFF


async def _no_wait() -> None:
    """There is always room as long as nobody listens."""
