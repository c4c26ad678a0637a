"""Whose results may stay with their executor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowrun.engine.graph import Graph
from flowrun.engine.staying import staying
from flowrun.expressions.of_task import expressions_of
from flowrun.jobdefinition.flat import Flat
from flowrun.jobdefinition.task_definition import TaskDefinition

A = "${{ tasks.a.result }}"


def stay(more: Mapping[str, Any], of_a: Mapping[str, Any] | None = None, here: str = "") -> bool:
    """Whether the result of `a` stays, which `b` reads as a whole, with `more` in `c`; `here` runs elsewhere."""
    b = {"parameters": {"value": A}}
    tasks = {
        name: TaskDefinition.model_validate({"task": "Any", **keys})
        for name, keys in {"a": of_a or {}, "b": b, "c": more}.items()
    }
    expressions = {name: found for name, task in tasks.items() if (found := expressions_of(task)) is not None}
    executor_of = {name: "here" if name == here else "far" for name in tasks}
    found = staying("far", executor_of, tasks, expressions, Graph(dict.fromkeys(tasks, ())), Flat(tasks).resolve)
    assert found <= {"a"}
    return bool(found)


@pytest.mark.parametrize(
    ("more", "stays"),
    [
        ({}, True),
        ({"parameters": {"value": A, "other": A, "more": "${{ vars.x }}"}}, True),
        ({"when": "${{ tasks.a.state == 'COMPLETED' }}"}, True),
        ({"parameters": {"value": "${{ tasks.a.result.rows }}"}}, False),
        ({"parameters": {"value": [A]}}, False),
        ({"parameters": {"value": A}, "env": {"X": A}}, False),
        ({"foreach": A}, False),
        ({"when": "${{ tasks.a.result }}"}, False),
        ({"parameters": {"value": A}, "cache": True}, False),
    ],
)
def test_what_is_passed_on_as_it_is_may_stay(more: dict[str, Any], stays: bool) -> None:
    """Whoever looks into it, or at it, has it come home."""
    assert stay(more) is stays


def test_it_stays_with_its_executor_only() -> None:
    """A reader elsewhere cannot wait for it to be fetched."""
    assert stay({"parameters": {"value": A}})
    assert not stay({"parameters": {"value": A}}, here="c")
    assert not stay({}, here="a")


@pytest.mark.parametrize("of_a", [{"at_most_once": True}, {"cache": True}])
def test_what_could_not_be_made_again_comes_home(of_a: dict[str, Any]) -> None:
    """And what is kept for later runs."""
    assert not stay({}, of_a)
