"""run_job: runs a job for a test, with stubs for some of its tasks, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..app import JobSource, OpenJob, RunRequest, Selection, open_job
from ..app import run_job as _run_job
from ..checkpointer.nothing import NoCheckpointer
from ..engine.report import Report
from ..errors import UsageError
from ..extensions.extension import Extension
from ..jobdefinition import JobDefinition
from ..jobdefinition.parts import CheckpointerDefinition
from ..jobs import Job
from ..loggers.logger import Logger
from .environment import environment
from .fake_clock import FakeClock
from .stubs import with_stubs

AnyJob = str | Path | Mapping[str, Any] | JobDefinition | Job | JobSource | OpenJob

_NOT_EXAMINED = {"inputs": (), "outputs": (), "cache": False}
"""Of a task that is performed every time."""


def run_job(
    job: AnyJob,
    *,
    stubs: Mapping[str, Any] = {},
    approvals: Mapping[str, bool] = {},
    vars: Mapping[str, str] = {},
    env: Mapping[str, str] = {},
    root: str | Path | None = None,
    selection: Selection | None = None,
    clock: FakeClock | None = None,
    loggers: Sequence[Logger] = (),
    listeners: Sequence[Extension] = (),
) -> Report:
    """Run a job to its end without its loggers, extensions and checkpointer, and without waiting between attempts.

    `stubs` answer for tasks by name; see FakeExecutor. Nobody is asked: tasks with `approve` are approved, unless
    `approvals` says False of them. `env` is added to the environment meanwhile; `root` is the project root. `loggers`
    and `listeners` (extensions) hear what happens. Raises DefinitionError for a job with mistakes, UsageError for a
    stub of a task that it does not have, and for an approval that no task waits for.
    """
    with environment(env):
        opened = with_stubs(_forgetful(_opened(job, vars, root)), stubs)
        _refuse_unasked(opened, approvals)
        request = RunRequest(
            opened,
            selection=selection or Selection(),
            on_overlap="allow",
            is_silent=True,
            loggers={f"recorder {number}": logger for number, logger in enumerate(loggers)},
            answers=approvals,
            clock=clock or FakeClock(),
        )
        report = _run_job(request, listeners=listeners)
    if report.store is not None:
        report.store.remove_when_unused()
    return report


def _opened(job: AnyJob, variables: Mapping[str, str], root: str | Path | None) -> OpenJob:
    if isinstance(job, OpenJob):
        return job
    if isinstance(job, JobSource):
        return open_job(replace(job, variables={**job.variables, **variables}))
    directory = None if root is None else Path(root)
    if isinstance(job, Job):
        return open_job(job.source(variables=variables, root=directory or job.root))
    return open_job(JobSource(job, root=directory, variables=variables))


def _refuse_unasked(job: OpenJob, approvals: Mapping[str, bool]) -> None:
    asking = [name for name, task in job.definition.tasks.items() if task.approve is not None]
    for name in approvals:
        if name not in asking:
            there = f"; these do: {', '.join(asking)}" if asking else ""
            raise UsageError(f"no task {name!r} of job {job.name!r} waits for an approval{there}")


def _forgetful(job: OpenJob) -> OpenJob:
    """The job without what an earlier run has left, or a later one would find."""
    checkpointer = CheckpointerDefinition(variant=NoCheckpointer.__name__)
    tasks = {
        name: task.model_copy(update=_NOT_EXAMINED) if task.is_examined else task
        for name, task in job.definition.tasks.items()
    }
    definition = job.definition.model_copy(update={"checkpointer": checkpointer, "tasks": tasks})
    return replace(job, definition=definition, checked=replace(job.checked, checkpointer=NoCheckpointer))
