"""What is told of a task beside its name."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.cli.outline import Outline
from flowrun.engine.restart import PlanRow
from flowrun.jobdefinition.flat import flatten
from flowrun.jobdefinition.task_definition import TaskDefinition


def outline(**tasks: dict[str, Any]) -> Outline:
    """The outline of a job."""
    return Outline(flatten({name: TaskDefinition.model_validate(keys) for name, keys in tasks.items()}))


@pytest.mark.parametrize(
    ("keys", "remark"),
    [
        ({}, ""),
        ({"foreach": [1, 2]}, "for each of 2 items"),
        ({"foreach": {"file": "days.csv"}}, "for each item in days.csv"),
        ({"foreach": "${{ tasks.list.result }}"}, "for each item of `tasks.list.result`"),
        ({"foreach": {"items": "${{ vars.days }}", "key": "id"}}, "for each item of `vars.days`"),
        ({"matrix": {"a": [1, 2], "b": [3, 4]}}, "for each of 4 combinations"),
        ({"matrix": {"a": "${{ vars.days }}"}}, "for each item"),
        ({"when": "vars.full"}, "when `vars.full`"),
        ({"run_if": "always"}, "whatever happens"),
        ({"min_completed": 2}, "as soon as 2 before it completed"),
    ],
)
def test_items_and_conditions_are_told_of(keys: dict[str, Any], remark: str) -> None:
    """The number of items as far as the job file alone says it, without expressions being worked out."""
    assert outline(a={"task": "T", **keys}).remark("a") == remark


def test_a_row_for_programs_has_everything() -> None:
    """Kind, group, condition and items beside what becomes of the task."""
    job = outline(g={"parallel": {"a": {"task": "T", "foreach": [1, 2, 3], "when": "x"}}})

    assert job.record(PlanRow("g/a", "rerun", "failed", items_kept=2)) == {
        "task": "g/a",
        "verb": "rerun",
        "why": "failed",
        "kind": "items",
        "group": "g",
        "when": "x",
        "asks": None,
        "run_if": "success",
        "items": 3,
        "items_kept": 2,
    }
    assert job.record(PlanRow("g", "run"))["kind"] == "parallel"
    assert job.record(PlanRow("gone", "gone"))["kind"] == "task"
