"""The plan with tasks that nobody waits for."""

from __future__ import annotations

from flowrun.attempt import Outcome
from flowrun.engine.entry import Added
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.jobdefinition.task_definition import TaskDefinition

from .plans import plan_of

OK = Outcome.completed()
FAILED = Outcome.failed("no rows")


def test_the_job_is_over_before_it_has_ended() -> None:
    """AS-26: `is_over` says that only detached tasks are left, `is_finished` that all have ended."""
    plan = plan_of({"a": {}, "tail": {"detached": True}})
    plan.begin()
    assert not plan.is_over

    plan.finished("a", OK)
    assert (plan.is_over, plan.is_finished) == (True, False)

    plan.finished("tail", OK)
    assert plan.is_finished


def test_a_detached_failure_fails_nothing() -> None:
    """AS-26: neither the job, nor does `fail_fast` stop it."""
    plan = plan_of({"a": {}, "tail": {"detached": True}}, fail_fast=True)
    plan.begin()
    plan.finished("tail", FAILED)

    assert not plan.is_stopping
    plan.finished("a", OK)
    assert plan.has_succeeded
    assert plan.may_have_failed("tail")
    assert plan.state("tail") is S.FAILED


def test_what_a_detached_task_adds_is_detached() -> None:
    """Nobody waits for it either."""
    plan = plan_of({"a": {}, "tail": {"detached": True}})
    plan.begin()
    plan.finished("tail", OK, [Added("tail/more", TaskDefinition(variant="Any"))])
    plan.finished("a", OK)

    assert (plan.is_over, plan.is_finished) == (True, False)
    plan.finished("tail/more", FAILED)
    assert plan.is_finished
    assert plan.has_succeeded


def test_items_of_a_detached_fan_are_detached() -> None:
    plan = plan_of({"a": {}, "tail": {"detached": True, "foreach": [1, 2]}})
    plan.begin()
    plan.expanded("tail", ["1", "2"])
    plan.finished("a", OK)

    assert (plan.is_over, plan.is_finished) == (True, False)
    plan.finished("tail[1]", FAILED)
    plan.finished("tail[2]", OK)
    assert plan.is_finished
    assert plan.has_succeeded


def test_a_stop_takes_detached_tasks_with_it() -> None:
    plan = plan_of({"a": {}, "tail": {"detached": True}})
    plan.begin()
    plan.stop()
    plan.finished("a", Outcome.aborted())
    plan.finished("tail", Outcome.aborted())

    assert plan.is_finished
