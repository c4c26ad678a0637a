"""Verdict: what follows for a task from what its dependencies have come to."""

from __future__ import annotations

from enum import Enum

from ..jobdefinition.task_definition import TaskDefinition

TEARDOWN = ("always", "failure")
"""Tasks with such a `run_if` run even if the job is stopped."""


class Verdict(Enum):
    """What a task is to do now."""

    WAIT = "wait"
    GO = "go"
    LEAVE_OUT = "leave out"
    """Nothing failed, and the task is for failures only."""
    HOLD_BACK = "hold back"


def verdict(task: TaskDefinition, *, waits_for: int, completed: int, has_failed: bool) -> Verdict:
    """Judge a task of whose dependencies so many have not ended, so many completed, and perhaps one failed."""
    if task.min_completed is not None:
        if completed >= task.min_completed:
            return Verdict.GO
        return Verdict.WAIT if completed + waits_for >= task.min_completed else Verdict.HOLD_BACK
    if task.run_if == "success":
        return Verdict.HOLD_BACK if has_failed else Verdict.WAIT if waits_for else Verdict.GO
    if waits_for:
        return Verdict.WAIT
    return Verdict.LEAVE_OUT if task.run_if == "failure" and not has_failed else Verdict.GO
