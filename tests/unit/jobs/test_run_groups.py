"""Groups in a job in Python: how they end, and what they leave out."""

from __future__ import annotations

import asyncio
import time

from flowrun.jobs import Job, Member, Parallel, Serial
from flowrun.task import current_task

from .stock import fail, load, states


def test_serial_groups_stop_at_a_failure_and_are_failed():
    """F2-03, X-F2-01, PW-09: the group fails, what is after it is held back."""
    job = Job("j")
    job.add(Serial(load, fail, Member(load, name="rest"), name="g"))
    job.add(load, name="after", depends_on=["g"])

    assert states(job.run_sync()) == {
        "g": "FAILED",
        "g/load": "COMPLETED",
        "g/fail": "FAILED",
        "g/rest": "DEFAULTED",
        "after": "DEFAULTED",
    }


def test_a_group_may_allow_failures():
    """F2-04, PW-09: said for each group, visible in the report."""
    job = Job("j")
    job.add(Parallel(fail, load, name="g", allow_failures=1))

    report = job.run_sync()

    assert report.is_completed
    assert report.tasks["g/fail"].is_allowed
    assert report["g"] == {"fail": None, "load": asyncio.run(load())}


def test_results_of_groups_are_found_by_key_in_the_order_of_definition():
    """F2-05, PW-08: whatever completes first."""
    job = Job("j")
    job.add(Parallel(Member(lambda: time.sleep(0.01) or 1, name="slow"), Member(lambda: 2, name="quick"), name="p"))
    job.add(Serial(Parallel(load, name="inner"), name="outer"))

    report = job.run_sync()

    assert list(report["p"].items()) == [("slow", 1), ("quick", 2)]
    assert report["outer"]["inner"]["load"]["name"] == "x"
    assert report.results["p"] == {"slow": 1, "quick": 2}


def test_an_empty_group_completes():
    """PW-07."""
    job = Job("j")
    job.add(Parallel(name="nothing"))
    job.add(load, depends_on=["nothing"])

    assert job.run_sync().is_completed


def test_variables_of_a_group_are_seen_by_its_members_only():
    """PW-05."""

    def show(x: str) -> str:
        return x

    job = Job("j", vars={"x": "job"})
    job.add(Serial(Member(show, parameters={"x": "${{ vars.x }}"}), name="g", vars={"x": "group"}))
    job.add(show, parameters={"x": "${{ vars.x }}"})

    assert job.run_sync().results == {"g": {"show": "group"}, "show": "job"}


def test_what_is_dismissed_is_left_out_and_what_follows_goes_on():
    """PW-03: a group with all that is in it, without hooks."""
    job = Job("j")
    group = job.add(Serial(fail, name="g"))
    job.add(load, depends_on=[group])
    group.dismiss()

    assert states(job.run_sync()) == {"g": "SKIP", "g/fail": "SKIP", "load": "COMPLETED"}


def test_a_member_may_leave_out_the_rest_of_its_group():
    """PW-04: what has not started is not started; the job goes on."""

    def enough() -> None:
        current_task().leave_out_rest()

    job = Job("j")
    job.add(Serial(enough, fail, name="g"))
    job.add(load, depends_on=["g"])

    assert states(job.run_sync()) == {"g": "COMPLETED", "g/enough": "COMPLETED", "g/fail": "SKIP", "load": "COMPLETED"}
