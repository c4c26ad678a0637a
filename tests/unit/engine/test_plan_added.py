"""The plan when tasks add tasks: those of items, their rank, restarts, and what must not start twice."""

from __future__ import annotations

from typing import Any

from flowrun.attempt import Outcome
from flowrun.engine.entry import Added, Past
from flowrun.engine.plan import Plan
from flowrun.engine.slots import ALL, Admission
from flowrun.eventbus.execution import ExecutionState
from flowrun.jobdefinition.task_definition import TaskDefinition

from .plans import plan_of, started

S = ExecutionState
OK = Outcome.completed()
FAILED = Outcome.failed("no rows")


def added(name: str, *after: str, **keys: Any) -> Added:
    return Added(name, TaskDefinition(variant="Any", depends_on=after, **keys))


def fan_of(keys: list[str], **options: Any) -> tuple[Plan, list[str]]:
    plan = plan_of({"f": {"foreach": []}, "b": {"dependencies": ["f"]}}, **options)
    plan.begin()
    return plan, started(plan.expanded("f", keys))


def test_an_item_that_adds_tasks_ends_with_them() -> None:
    """The fan waits for what its items added, and fails with it; to ask about any of them is harmless."""
    plan, _ = fan_of(["a"])

    assert started(plan.finished("f[a]", OK, [added("f[a]/x")])) == ["f[a]/x"]
    plan.finished("f[a]/x", FAILED)
    assert plan.is_finished
    assert (plan.state("f"), plan.state("b")) == (S.FAILED, S.DEFAULTED)
    assert not plan.may_have_failed("f[a]/x")
    assert plan.stop() == []


def test_what_an_item_added_may_fail_with_it() -> None:
    """A fan that allows a failure completes, and the added task failed as one that may."""
    plan = plan_of({"f": {"foreach": []}, "b": {"dependencies": ["f"]}})
    plan.begin()
    plan.expanded("f", ["a"], 1)
    plan.finished("f[a]", OK, [added("f[a]/x")])

    assert started(plan.finished("f[a]/x", FAILED)) == ["b"]
    assert plan.may_have_failed("f[a]/x")


def test_what_a_kept_item_had_added_goes_on() -> None:
    """The item does not start again, what it added and did not complete does."""
    past = Past(completed={"f[a]", "f[b]", "f[a]/x"}, added={"f[a]": [added("f[a]/x"), added("f[a]/y", "f[a]/x")]})
    plan, first = fan_of(["a", "b"], past=past)

    assert first == ["f[a]/y"]
    assert started(plan.finished("f[a]/y", OK)) == ["b"]


def test_items_and_added_tasks_that_were_lost_do_not_start_again() -> None:
    """They count as failed; the others run."""
    past = Past(completed={"a"}, lost={"f[a]", "a/x"}, added={"a": [added("a/x", at_most_once=True)]})
    plan = plan_of({"a": {}, "f": {"foreach": [], "at_most_once": True}}, past=past)
    plan.begin()

    assert started(plan.expanded("f", ["a", "b"])) == ["f[b]"]
    plan.finished("f[b]", OK)
    assert plan.is_finished
    assert (plan.state("f"), plan.state("a/x")) == (S.FAILED, S.FAILED)


def test_an_added_task_has_its_own_priority() -> None:
    """Without one it has that of the task that added it."""
    plan = plan_of({"a": {"priority": 3}, "b": {"priority": 1}}, admission=Admission({ALL: 1}))
    plan.begin()
    urgent = [added("a/x"), added("a/y", priority=5)]

    assert started(plan.finished("a", OK, urgent)) == ["a/y"]
    assert started(plan.finished("a/y", OK)) == ["a/x"]
    assert started(plan.finished("a/x", OK)) == ["b"]


def test_many_added_tasks_may_wait_for_one() -> None:
    """Ten thousand of them are taken in at once."""
    plan = plan_of({"a": {}})
    plan.begin()
    many = [added("a/first"), *(added(f"a/{number}", "a/first") for number in range(10_000))]
    plan.finished("a", OK, many)
    plan.finished("a/first", OK)

    assert sum(state is S.PENDING or state is S.RUNNING for state in plan.states().values()) == 10_000


def test_nothing_that_was_added_starts_when_the_job_is_stopped() -> None:
    """An attempt that completes while it is asked to end may still have added tasks: they wait for a restart."""
    plan = plan_of({"a": {}, "b": {"dependencies": ["a"]}})
    plan.begin()
    plan.stop()

    assert plan.finished("a", OK, [added("a/x")]) == []
    assert plan.is_finished
    assert plan.states() == {"a": S.COMPLETED, "b": S.ABORTED, "a/x": S.ABORTED}
