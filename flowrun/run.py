"""Run: one run of an opened job, from the fork of the starter to the report."""

from __future__ import annotations

import gc
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .assemble import OpenJob, assemble, make_executors
from .checkpointer.checkpointer import Checkpointer
from .continuation import contents_of, encoded_shared, plan_of
from .engine.report import Report
from .engine.restart import RestartPlan
from .errors import NotConfirmedError
from .executors.executor import Executor, Workplace, release
from .extensions.extension import Extension
from .job_lock import JobLock
from .jobdefinition.model import ConfigurationDefinition
from .request import RunRequest
from .shared_values import SharedValues

if TYPE_CHECKING:
    from .engine.loop import Loop

Confirm = Callable[[RestartPlan], bool]
"""Asked before anything starts."""

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

    def perform(self, listeners: Sequence[Extension], confirm: Confirm) -> Report:
        """Everything that forks comes first, while there is one thread; then the event loop."""
        executors = make_executors(self._job, self._config)
        for name, executor in executors.items():
            executor.prepare(self._workplace(name))
        import asyncio

        with _collecting_seldom():
            return asyncio.run(self._conduct(executors, listeners, confirm))

    async def _conduct(
        self, executors: Mapping[str, Executor], listeners: Sequence[Extension], confirm: Confirm
    ) -> Report:
        from .engine.signals import stopping_on_signals

        try:
            loop = await self._loop(executors, listeners, confirm)
        except BaseException:
            await release(executors.values())
            raise
        with stopping_on_signals(loop.stop):
            return await loop.run()

    async def _loop(self, executors: Mapping[str, Executor], listeners: Sequence[Extension], confirm: Confirm) -> Loop:
        from .engine.loop import Loop
        from .engine.subscribers import Subscribers

        job = self._job
        contents = await contents_of(self._checkpointer, job.name, self._request)
        plan = plan_of(job, self._request, contents)
        if not confirm(plan):
            raise NotConfirmedError("not started")
        if contents is not None:
            self._shared.restore(encoded_shared(self._checkpointer, contents))
        assembled = assemble(job, self._config, executors, self._checkpointer)(plan.run_id, self._shared)
        is_silent = self._request.is_silent
        subscribers = Subscribers(
            {} if is_silent else assembled.loggers,
            {
                **({} if is_silent else assembled.extensions),
                **{f"listener {number}": listener for number, listener in enumerate(listeners)},
            },
            job_name=job.name,
            loggers_interval_seconds=self._config.loggers_interval_seconds,
            extensions_interval_seconds=self._config.extensions_interval_seconds,
        )
        self._wait_for_room = subscribers.wait_for_room
        self._is_full = lambda: subscribers.is_full
        return Loop(assembled, plan, subscribers, contents, draw=_draw)

    def _workplace(self, executor: str) -> Workplace:
        job = self._job
        return Workplace(
            root=job.root,
            variants={
                task.variant: job.checked.tasks[name]
                for name, task in job.definition.tasks.items()
                if job.checked.executor_of[name] == executor
            },
            shared=self._shared,
            max_result_bytes=self._config.max_result_bytes,
            private_descriptors=() if self._lock is None else (self._lock.descriptor,),
            is_full=lambda: self._is_full(),
            wait_for_room=lambda: self._wait_for_room(),
            discovery={
                "directories": self._config.extension_directories,
                "packages": self._config.extension_packages,
            },
        )


@contextmanager
def _collecting_seldom() -> Iterator[None]:
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
