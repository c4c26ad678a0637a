"""Approved: what a restart need not ask again."""

from __future__ import annotations

from collections.abc import Mapping

from ..checkpointer.checkpointer import CheckpointContents
from ..eventbus.execution import ExecutionState
from ..jobdefinition.task_definition import TaskDefinition


def approved_before(
    contents: CheckpointContents, before: Mapping[str, ExecutionState], tasks: Mapping[str, TaskDefinition]
) -> frozenset[str]:
    """The tasks that were approved, by the question of today, and have not completed since."""
    return frozenset(
        name
        for name, kept in contents.approvals.items()
        if kept.get("may_start")
        and before.get(name) is not ExecutionState.COMPLETED
        and name in tasks
        and (approval := tasks[name].approve) is not None
        and approval.question == kept.get("asked")
    )
