"""App: load, assemble, run; the only front door."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .assemble import JobSource, OpenJob, assemble, make_executors, open_checkpointer
from .assemble import open_job as _open_job
from .checkpointer.checkpointer import CheckpointContents, Checkpointer
from .digests import digests_of
from .engine.report import Report
from .engine.restart import RestartPlan, Selection, plan_fresh, plan_restart
from .errors import (
    CheckpointInvalidError,
    JobAlreadyRunningError,
    JobSkippedError,
    NoCheckpointAvailableError,
    NotConfirmedError,
    StateError,
    UsageError,
)
from .executors.capture import attempts_heard
from .executors.executor import Executor, Workplace, release
from .extensions.extension import Extension
from .job_lock import JobLock
from .jobdefinition.model import ConfigurationDefinition
from .shared_values import SharedValues

__all__ = ["JobSource", "OpenJob", "RunRequest", "Selection", "open_job", "plan_job", "run_job"]

if TYPE_CHECKING:
    from .engine.loop import Loop

T = TypeVar("T")

Confirm = Callable[[RestartPlan], bool]

_SELDOM = (50_000, 20, 100)


@dataclass(frozen=True)
class RunRequest:
    """What is to be run, and how it differs from what the job file says."""

    source: JobSource | OpenJob
    """A job to be read, or one that was opened before."""
    restart: bool | str = False
    """Continue the newest unfinished run, or the one with this id or prefix."""
    selection: Selection = field(default_factory=Selection)
    rerun_changed: bool = False
    """Finished tasks whose definition has changed run again, with what depends on them."""
    max_concurrency: int | None = None
    on_overlap: str | None = None
    fail_fast: bool | None = None
    deadline: float | None = None
    """Seconds."""
    is_silent: bool = False
    """No loggers and no extensions: for tests of a job."""

    @property
    def job_name(self) -> str:
        """The job as the caller named it."""
        return self.source.name if isinstance(self.source, OpenJob) else str(self.source.job)

    def config(self, config: ConfigurationDefinition) -> ConfigurationDefinition:
        """The job's configuration, with what was asked for standing above it."""
        asked = {
            "max_concurrency": self.max_concurrency,
            "on_overlap": self.on_overlap,
            "fail_fast": self.fail_fast,
            "deadline": self.deadline,
        }
        return config.model_copy(update={key: value for key, value in asked.items() if value is not None})


def open_job(source: JobSource | OpenJob) -> OpenJob:
    """Read a job, find its classes and check everything; nothing is started. An opened job is given back as it is.

    Raises DefinitionError with every problem of all files at once.
    """
    if isinstance(source, OpenJob):
        return source
    return _open_job(source, cwd=Path.cwd(), environ=os.environ)


def plan_job(request: RunRequest) -> RestartPlan:
    """What `run_job` would do with this request, task by task. Nothing is written or started.

    Raises DefinitionError, StateError, or UsageError for a task that does not exist or inside a running event loop.
    """
    import asyncio

    _refuse_running_loop()
    job = open_job(request.source)
    _refuse_unknown(request.selection, job)
    contents = asyncio.run(_contents(open_checkpointer(job), job.name, request))
    return _plan(job, request, contents)


def run_job(
    request: RunRequest, *, listeners: Sequence[Extension] = (), confirm: Confirm = lambda _plan: True
) -> Report:
    """Run a job to its end. `listeners` hear its transitions as extensions do.

    `confirm` is asked before anything starts.
    Raises DefinitionError, UsageError, StateError, JobAlreadyRunningError, NotConfirmedError.
    """
    _refuse_running_loop()
    with attempts_heard():
        job = open_job(request.source)
        _refuse_unknown(request.selection, job)
        config = request.config(job.definition.config)
        checkpointer = open_checkpointer(job)
        lock = _lock(job, config)
        try:
            return _Run(job, request, config, checkpointer, lock).perform(listeners, confirm)
        finally:
            if lock is not None:
                lock.release()


class _Run:
    """One run of an opened job, from the fork of the starter to the report."""

    def __init__(
        self,
        job: OpenJob,
        request: RunRequest,
        config: ConfigurationDefinition,
        checkpointer: Checkpointer,
        lock: JobLock | None,
    ) -> None:
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
        contents = await _contents(self._checkpointer, job.name, self._request)
        plan = _plan(job, self._request, contents)
        if not confirm(plan):
            raise NotConfirmedError("not started")
        if contents is not None:
            self._shared.restore(_encoded(self._checkpointer, contents))
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


def _refuse_running_loop() -> None:
    """Before anything is forked or locked. Without asyncio there is no loop, and it need not be loaded for that."""
    if "asyncio" not in sys.modules:
        return
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError("a job cannot be run in a running event loop; run it in a thread, with `asyncio.to_thread`")


async def _no_wait() -> None:
    """There is always room as long as nobody listens."""


async def _contents(checkpointer: Checkpointer, name: str, request: RunRequest) -> CheckpointContents | None:
    """What is kept of the run to continue; None in a fresh run, and if nothing is kept and no run was named."""
    if request.restart is False:
        return None
    try:
        if isinstance(request.restart, str):
            return await checkpointer.read_run(name, request.restart)
        return await checkpointer.read_checkpoint(name)
    except NoCheckpointAvailableError:
        if isinstance(request.restart, str):
            raise
        return None
    except CheckpointInvalidError as error:
        raise CheckpointInvalidError(f"{error}; a run without -r starts anew") from error
    except StateError:
        raise
    except Exception as error:  # the checkpointer may be the user's own
        kind = type(checkpointer).__name__
        raise CheckpointInvalidError(
            f"checkpointer {kind} could not read the checkpoint of job {name!r}: {type(error).__name__}: {error}"
        ) from error


def _encoded(checkpointer: Checkpointer, contents: CheckpointContents) -> dict[str, str]:
    if checkpointer.records_commits:
        return dict(contents.shared_dict)
    from . import values

    return {values.encode(key): values.encode(value) for key, value in contents.shared_dict.items()}


def _plan(job: OpenJob, request: RunRequest, contents: CheckpointContents | None) -> RestartPlan:
    if contents is None:
        return plan_fresh(os.urandom(4).hex(), job.graph, request.selection)
    tasks = job.definition.tasks
    return plan_restart(
        contents,
        tasks,
        job.graph,
        digests_of(tasks, contents.run_id),
        request.selection,
        rerun_changed=request.rerun_changed,
    )


def _refuse_unknown(selection: Selection, job: OpenJob) -> None:
    names = job.definition.tasks
    for name in selection.names():
        if name not in names:
            from difflib import get_close_matches

            near = get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"no task is named {name!r} in job {job.name!r}{hint}")


def _lock(job: OpenJob, config: ConfigurationDefinition) -> JobLock | None:
    if config.on_overlap == "allow":
        return None
    lock = JobLock(job.root / ".flowrun" / "locks", job.name)
    try:
        lock.take(wait=config.on_overlap == "wait")
    except JobAlreadyRunningError as error:
        if config.on_overlap == "skip":
            raise JobSkippedError(f"{error}; skipped, as `on_overlap: skip` asks") from error
        raise
    return lock
