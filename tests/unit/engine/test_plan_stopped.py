"""The plan of a job that is stopped, by a person or by its first failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowrun.attempt import Outcome
from flowrun.engine.entry import Added
from flowrun.engine.graph import Graph
from flowrun.engine.instruction import Abort, Instruction, Start
from flowrun.engine.plan import Plan
from flowrun.eventbus.execution import ExecutionState
from flowrun.jobdefinition.model import TaskDefinition

S = ExecutionState
OK = Outcome.completed()
FAILED = Outcome.failed("no rows")
ALWAYS = {"dependencies": ["a"], "run_if": "always"}


def plan_of(
    tasks: Mapping[str, Mapping[str, Any]], members: Mapping[str, tuple[str, ...]] | None = None, **options: Any
) -> Plan:
    members = members or {}
    kinds: dict[str, dict[str, Any]] = {name: {"parallel": {}} for name in members}
    definitions = {
        name: TaskDefinition.model_validate({**kinds.get(name, {"task": "Any"}), **keys})
        for name, keys in tasks.items()
    }
    return Plan(definitions, Graph({name: one.depends_on for name, one in definitions.items()}, members), **options)


def started(instructions: list[Instruction]) -> list[str]:
    return [one.name for one in instructions if isinstance(one, Start)]


def test_the_second_time_what_cleans_up_is_not_tried_again() -> None:
    """Nor starts what it has added."""
    for outcome, added in ((FAILED, []), (OK, [Added("end/x", TaskDefinition(variant="Any"))])):
        plan = plan_of({"a": {}, "end": {**ALWAYS, "max_attempts": 3}})
        plan.begin()
        plan.stop()
        plan.finished("a", Outcome.aborted())

        assert plan.give_up() == [Abort("end")]
        assert plan.finished("end", outcome, added) == []
        assert plan.is_finished


def test_a_member_of_a_group_that_cleans_up_is_tried_again() -> None:
    """As a task that cleans up is."""
    plan = plan_of({"a": {}, "g": ALWAYS, "g/x": {"max_attempts": 2}}, members={"g": ("g/x",)})
    plan.begin()
    plan.stop()

    assert started(plan.finished("a", Outcome.aborted())) == ["g/x"]
    plan.finished("g/x", FAILED)
    assert started(plan.retry_due("g/x")) == ["g/x"]


def test_a_failure_that_a_group_further_out_allows_does_not_stop_the_job() -> None:
    """`fail_fast` is about failures that are not allowed."""
    tasks = {"o": {"allow_failures": 1}, "o/g": {}, "o/g/x": {}, "o/y": {}}
    plan = plan_of(tasks, members={"o": ("o/g", "o/y"), "o/g": ("o/g/x",)}, fail_fast=True)
    plan.begin()
    plan.finished("o/g/x", FAILED)

    assert not plan.is_stopping


def test_a_task_that_cannot_start_may_be_one_that_may_fail() -> None:
    """Its expression cannot be worked out, and the group allows a failure."""
    tasks = {"g": {"allow_failures": 1}, "g/x": {"when": "x"}, "g/y": {}}
    plan = plan_of(tasks, members={"g": ("g/x", "g/y")}, fail_fast=True)
    plan.begin()
    plan.refused("g/x", FAILED)

    assert not plan.is_stopping


def test_groups_that_fail_together_stop_the_job() -> None:
    """Each alone might have failed; both are one too many, and what runs beside them is aborted."""
    members = {"o": ("o/g", "o/h"), "o/g": ("o/g/x", "o/g/y"), "o/h": ("o/h/x", "o/h/y")}
    tasks = {"o": {"allow_failures": 1}, **{name: {} for those in members.values() for name in those}, "other": {}}
    plan = plan_of(tasks, members=members, fail_fast=True)
    plan.begin()
    plan.finished("o/g/x", FAILED)
    plan.finished("o/h/x", FAILED)
    plan.finished("o/g/y", OK)

    assert plan.finished("o/h/y", OK) == [Abort("other")]


def test_a_fan_that_stops_starts_none_of_its_items_that_wait() -> None:
    """Neither those that wait for a slot, nor those that were not considered yet."""
    plan = plan_of({"f": {"foreach": [], "on_failure": "stop"}}, limits={"*": 1})
    plan.begin()

    assert started(plan.expanded("f", list("abc"))) == ["f[a]"]
    assert plan.finished("f[a]", FAILED) == []
    assert plan.states() == {"f": S.FAILED, "f[a]": S.FAILED, "f[b]": S.DEFAULTED, "f[c]": S.DEFAULTED}
