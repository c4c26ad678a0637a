"""The plan of a job that is stopped, by a person or by its first failure."""

from __future__ import annotations

from flowrun.attempt import Outcome
from flowrun.engine.entry import Added
from flowrun.engine.instruction import Abort
from flowrun.engine.slots import ALL, Admission
from flowrun.eventbus.execution import ExecutionState
from flowrun.jobdefinition.task_definition import TaskDefinition

from .plans import plan_of, started

S = ExecutionState
OK = Outcome.completed()
FAILED = Outcome.failed("no rows")
ALWAYS = {"dependencies": ["a"], "run_if": "always"}


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
    plan = plan_of({"f": {"foreach": [], "on_failure": "stop"}}, admission=Admission({ALL: 1}))
    plan.begin()

    assert started(plan.expanded("f", list("abc"))) == ["f[a]"]
    assert plan.finished("f[a]", FAILED) == []
    assert plan.states() == {"f": S.FAILED, "f[a]": S.FAILED, "f[b]": S.DEFAULTED, "f[c]": S.DEFAULTED}
