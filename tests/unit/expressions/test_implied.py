"""Implied dependencies: a reference makes a dependency."""

from __future__ import annotations

from typing import Any

from flowrun.expressions.implied import with_implied
from flowrun.jobdefinition.expression_places import expression_places
from flowrun.jobdefinition.flat import Flat, flatten
from flowrun.jobdefinition.task_definition import TaskDefinition


def task(**keys: Any) -> TaskDefinition:
    return TaskDefinition.model_validate(keys)


def flat_of(tasks: dict[str, dict[str, Any]]) -> Flat:
    return implied(flatten({name: task(**keys) for name, keys in tasks.items()}))


def implied(flat: Flat) -> Flat:
    return with_implied(flat, expression_places(flat.tasks, {}))


def test_every_key_that_takes_expressions_makes_dependencies() -> None:
    """AS-14: each task once, in order; also in texts, conditions, and lists."""
    named = {"task": "A"}
    load = {
        "task": "Load",
        "parameters": {"a": ["${{ tasks.one.result }}", "x ${{ tasks.two.state }} ${{ tasks.one.result.x }}"]},
        "env": {"A": "${{ tasks['three/a'].result }}"},
        "when": "tasks.four.result > 1",
        "foreach": "${{ tasks.five.result }}",
        "cache": {"key": ["${{ tasks.six.result }}"]},
    }
    others = dict.fromkeys(("one", "two", "four", "five", "six"), named)

    flat = flat_of({**others, "three": {"parallel": {"a": named}}, "load": load})

    assert flat.tasks["load"].depends_on == ("one", "two", "three/a", "five", "six", "four")


def test_dependencies_that_are_written_stay_and_stand_first() -> None:
    """A task that is named both ways is there once."""
    flat = flat_of(
        {
            "a": {"task": "A"},
            "b": {"task": "B"},
            "c": {"task": "C", "depends_on": ["b"], "when": "tasks.a.result and tasks.b.result and tasks.none.result"},
        }
    )

    assert flat.tasks["c"].depends_on == ("b", "a")
    assert flat.implied == {"c": {"a": ("tasks", "c", "when")}}


def test_names_in_groups_are_looked_up_from_the_inside_out() -> None:
    """As those of dependencies are."""
    flat = flat_of(
        {
            "load": {"task": "A"},
            "etl": {
                "parallel": {
                    "load": {"task": "A"},
                    "use": {"task": "B", "parameters": {"x": "${{ tasks.load.result }} ${{ tasks.last.state }}"}},
                }
            },
            "last": {"task": "C"},
        }
    )

    assert flat.tasks["etl/use"].depends_on == ("etl/load", "last")


def test_a_job_without_expressions_is_left_as_it_is() -> None:
    """And so is one whose expressions cannot be read: that is told elsewhere."""
    flat = flatten({"a": task(task="A"), "b": task(task="B", when="tasks.a.result ==")})

    assert implied(flat) is flat


def test_a_reference_to_the_one_before_in_a_serial_group_is_more_than_the_order() -> None:
    """The later task needs the earlier, whatever becomes of the order."""
    members = {"a": {"task": "A"}, "b": {"task": "B", "when": "tasks.a.result"}}
    flat = flat_of({"etl": {"serial": members}})

    assert flat.tasks["etl/b"].depends_on == ("etl/a",)
    assert flat.follows == {}
