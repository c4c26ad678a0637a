"""What a restart need not ask again."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.checkpointer.checkpointer import CheckpointContents
from flowrun.engine.approved import approved_before
from flowrun.eventbus.execution import ExecutionState
from flowrun.jobdefinition.task_definition import TaskDefinition

KEPT = {"answer": "approved", "may_start": True, "asked": "Publish?"}


@pytest.mark.parametrize(
    ("state", "kept", "asks", "is_approved"),
    [
        ("F", {}, "Publish?", True),
        ("R", {}, "Publish?", True),
        ("P", {}, "Publish?", True),
        ("C", {}, "Publish?", False),  # it is to be done once more
        ("F", {"may_start": False, "answer": "rejected"}, "Publish?", False),
        ("F", {}, "Publish to everybody?", False),
        ("F", {}, None, False),
    ],
)
def test_an_approval_holds_until_the_task_has_completed(
    state: str, kept: dict[str, Any], asks: str | None, is_approved: bool
) -> None:
    """If it was one, and is of the question of today."""
    contents = CheckpointContents("job", {state: {"a"}}, {}, approvals={"a": KEPT | kept, "gone": KEPT})
    task = TaskDefinition.model_validate({"task": "T", **({"approve": asks} if asks else {})})

    found = approved_before(contents, {"a": ExecutionState(state)}, {"a": task})

    assert found == ({"a"} if is_approved else set())
