"""Executors: which one carries the attempts of each task."""

from __future__ import annotations

from typing import Any

from ..jobdefinition.model import TaskDefinition

_IS_COROUTINE = 0x80
"""The flag of a function that was written with `async def`; the module that names it is slow to import."""


def executor_name(task: TaskDefinition, cls: type[Any]) -> str:
    """The executor that a task asks for; without one `async` for `async def run`, else `process`."""
    if task.executor is not None:
        return task.executor
    code = getattr(cls.run, "__code__", None)
    return "async" if code is not None and code.co_flags & _IS_COROUTINE else "process"
