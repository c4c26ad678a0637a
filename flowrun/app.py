"""App: load, assemble, run; the only front door."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .assemble import JobSource, OpenJob, open_checkpointer
from .assemble import check_unimported as _check_unimported
from .assemble import open_job as _open_job
from .check import Checked
from .continuation import looked_up, plan_of
from .engine.report import Report
from .engine.restart import RestartPlan
from .engine.selection import Selection
from .errors import JobAlreadyRunningError, JobSkippedError, UsageError
from .executors.capture import attempts_heard
from .extensions.extension import Extension, Hearer
from .job_lock import JobLock
from .jobdefinition import Loaded
from .jobdefinition.model import ConfigurationDefinition
from .request import RunRequest, refuse_impossible
from .run import Confirm, Run, WhenOver

__all__ = ["JobSource", "OpenJob", "RunRequest", "Selection", "check_unimported", "open_job", "plan_job", "run_job"]


def open_job(source: JobSource | OpenJob) -> OpenJob:
    """Read a job, find its classes and check everything; nothing is started. An opened job is given back as it is.

    Raises DefinitionError with every problem of all files at once.
    """
    if isinstance(source, OpenJob):
        return source
    return _open_job(source, cwd=Path.cwd(), environ=os.environ)


def check_unimported(source: JobSource) -> tuple[Loaded, Checked]:
    """Read a job and check what can be checked without importing a module of the project."""
    return _check_unimported(source, cwd=Path.cwd(), environ=os.environ)


def plan_job(request: RunRequest) -> RestartPlan:
    """What `run_job` would do with this request, task by task. Nothing is written or started.

    Raises DefinitionError, StateError, or UsageError for a selection that is impossible or inside a running event loop.
    """
    import asyncio

    _refuse_running_loop()
    job = open_job(request.source)
    refuse_impossible(request, job)
    contents = asyncio.run(looked_up(open_checkpointer(job), job.name, request))
    plan = plan_of(job, request, contents)
    if not any(task.is_examined for task in job.definition.tasks.values()):
        return plan
    from .forecast import with_forecast

    return with_forecast(plan, job, request, contents)


def run_job(
    request: RunRequest,
    *,
    listeners: Sequence[Extension | Hearer] = (),
    confirm: Confirm = lambda _plan: True,
    when_over: WhenOver | None = None,
) -> Report:
    """Run a job to its end. `listeners` hear its transitions as extensions do.

    `confirm` is asked before anything starts; `when_over` is told how it went if only detached tasks are left.
    Raises DefinitionError, UsageError, StateError, JobAlreadyRunningError, NotConfirmedError.
    """
    _refuse_running_loop()
    with attempts_heard():
        job = open_job(request.source)
        refuse_impossible(request, job)
        config = request.config(job.definition.config)
        checkpointer = open_checkpointer(job)
        lock = take_lock(job, config)
        try:
            return Run(job, request, config, checkpointer, lock).perform(listeners, confirm, when_over)
        finally:
            if lock is not None:
                lock.release()


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


def take_lock(job: OpenJob, config: ConfigurationDefinition) -> JobLock | None:
    """The lock of a job, taken; None if any number of its runs may overlap."""
    if config.on_overlap == "allow":
        return None
    lock = JobLock(job.root / ".flowrun", job.name)
    try:
        lock.take(wait=config.on_overlap == "wait")
    except JobAlreadyRunningError as error:
        if config.on_overlap == "skip":
            raise JobSkippedError(f"{error}; skipped, as `on_overlap: skip` asks") from error
        raise
    return lock
