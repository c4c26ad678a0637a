"""InProcess: a job in Python as it runs inside the program that has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..assemble import OpenJob
from ..bundled import bundled_class
from ..jobdefinition.in_python import InPython

_RESIDENT = {"process": "thread", "async": "here"}
"""What carries a task that names no executor, in place of what a run from the command line would take."""

_NOTHING_OUTSIDE: Mapping[str, Any] = {
    "loggers": {},
    "extensions": {},
    "checkpointer": {"checkpointer": "NoCheckpointer"},
}


def without_traces(written: InPython, *, keeps: bool, logs: bool) -> InPython:
    """The job without what writes files or to the screen: its checkpointer, loggers and extensions."""
    left_out = {"extensions", *(() if keeps else ("checkpointer",)), *(() if logs else ("loggers",))}
    nothing = {key: value for key, value in _NOTHING_OUTSIDE.items() if key in left_out}
    return replace(written, sections={**written.sections, **nothing})


def with_residents(job: OpenJob) -> OpenJob:
    """The job, with threads and the caller's event loop for the tasks that name no executor."""
    tasks, checked = job.definition.tasks, job.checked
    executor_of = {
        name: executor if tasks[name].executor is not None else _RESIDENT.get(executor, executor)
        for name, executor in checked.executor_of.items()
    }
    executors = {name: checked.executors.get(name) or _class_of(name) for name in dict.fromkeys(executor_of.values())}
    return replace(job, checked=replace(checked, executor_of=executor_of, executors=executors))


def _class_of(executor: str) -> type[Any]:
    if executor == "here":
        from ..executors.here import HereExecutor

        return HereExecutor
    found = bundled_class("executor", executor)
    assert found is not None, "check found it"
    return found
