"""Stopping: what ends a job early, and what the report is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.attempt import Outcome
from flowrun.engine.instruction import Abort
from flowrun.engine.plan import Plan
from flowrun.engine.report import Ending
from flowrun.engine.stopping import Stopping
from flowrun.eventbus.execution import ExecutionState

from .jobs import Heard
from .plans import plan_of

S = ExecutionState
TASKS: dict[str, dict[str, Any]] = {
    "a": {},
    "b": {"dependencies": ["a"]},
    "end": {"run_if": "always", "dependencies": ["a"]},
}


def stopping_of(plan: Plan) -> tuple[Stopping, Heard]:
    heard = Heard(plan)
    return Stopping(plan, heard.running, heard.announcer, 8.0), heard


def told(heard: Heard) -> list[tuple[str, float]]:
    """The reasons that were told, each with the grace time."""
    return [(event.why, event.grace_seconds) for event in heard.events]


def test_the_first_time_ends_and_the_second_kills() -> None:
    """What cleans up has its time after the first, and none after the second."""
    plan = plan_of(TASKS)
    plan.begin()
    stopping, heard = stopping_of(plan)

    assert stopping.told(15) == [Abort("a")]
    assert (plan.state("b"), plan.state("end")) == (S.ABORTED, S.PENDING)
    assert stopping.told(15) == [Abort("a")]
    assert plan.state("end") is S.ABORTED
    assert told(heard) == [("stopped", 8.0), ("stopped", 0.0)]
    assert (stopping.ending, stopping.signal) == (Ending.STOPPED, 15)


def test_the_first_reason_counts() -> None:
    """A deadline that passes while the job stops ends what cleans up; a lost service changes nothing."""
    plan = plan_of(TASKS)
    plan.begin()
    stopping, heard = stopping_of(plan)
    stopping.stop(Ending.STOPPED, 2)

    assert stopping.without_service("redis: gone") == []
    assert plan.state("end") is S.PENDING
    stopping.stop(Ending.DEADLINE)

    assert plan.state("end") is S.ABORTED
    assert told(heard) == [("stopped", 8.0), ("service lost", 8.0), ("deadline", 8.0)]
    assert (stopping.ending, stopping.signal, stopping.service_error) == (Ending.STOPPED, 2, "")


def test_a_lost_service_is_named() -> None:
    """If it is the reason."""
    plan = plan_of(TASKS)
    plan.begin()
    stopping, _ = stopping_of(plan)

    assert stopping.without_service("redis: gone") == [Abort("a")]
    assert (stopping.ending, stopping.service_error) == (Ending.SERVICE_LOST, "redis: gone")


def test_a_plan_that_stopped_by_itself_did_so_for_a_failure() -> None:
    """The report says so when everything has ended."""
    plan = plan_of({"a": {}, "b": {"dependencies": ["a"]}}, fail_fast=True)
    plan.begin()
    stopping, _ = stopping_of(plan)
    plan.finished("a", Outcome.failed("no rows"))

    assert not stopping.conclude()
    assert stopping.ending is Ending.FAIL_FAST


def test_a_job_that_waits_for_a_person_has_no_worse_reason() -> None:
    """A failure, or a stop, is one."""
    well, badly = plan_of({"a": {}}), plan_of({"a": {}})
    for plan, outcome in ((well, Outcome.completed()), (badly, Outcome.failed("no rows"))):
        plan.begin()
        plan.finished("a", outcome)
    (waiting, _), (failed, _) = stopping_of(well), stopping_of(badly)

    assert (waiting.conclude(), failed.conclude()) == (True, False)
    waiting.postpone()
    failed.postpone()

    assert (waiting.ending, failed.ending) == (Ending.WAITING, Ending.DONE)


@pytest.mark.parametrize(
    ("ending", "hook"),
    [
        (Ending.DONE, "failure"),
        (Ending.FAIL_FAST, "failure"),
        (Ending.STATE_LOST, "failure"),
        (Ending.SERVICE_LOST, "failure"),
        (Ending.STOPPED, "abort"),
        (Ending.DEADLINE, "abort"),
        (Ending.WAITING, "abort"),
    ],
)
def test_the_last_hook_says_how_the_job_ended(ending: Ending, hook: str) -> None:
    """`on_success` of a job that completed, whatever the reason was."""
    stopping, _ = stopping_of(plan_of({"a": {}}))
    stopping.ending = ending

    assert (stopping.hook(is_completed=False), stopping.hook(is_completed=True)) == (hook, "success")
