"""Executors: which one carries the attempts of each task."""

from __future__ import annotations

from typing import Any

from ..default_executor import default_executor
from ..jobdefinition.task_definition import TaskDefinition


def executor_name(task: TaskDefinition, cls: type[Any] | None) -> str:
    """The executor that a task asks for, or the one that suits its class."""
    return default_executor(cls) if task.executor is None else task.executor
