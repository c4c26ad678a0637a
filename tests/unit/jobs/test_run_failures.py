"""A job in Python whose tasks fail, or that is ended early."""

from __future__ import annotations

import asyncio

import pytest

from flowrun.attempt import Reason
from flowrun.engine.report import Ending
from flowrun.errors import JobFailedError
from flowrun.jobs import Job
from flowrun.task import Task

from .stock import fail, load, states


def test_a_failure_holds_back_only_what_needs_it():
    """AS-25: continue; what never started is in the report as such (AS-28)."""
    job = Job("j")
    job.add(fail)
    job.add(load, name="after", depends_on=["fail"])
    job.add(load, name="apart")

    report = job.run_sync()

    assert states(report) == {"fail": "FAILED", "after": "DEFAULTED", "apart": "COMPLETED"}
    assert report.root_cause.name == "fail"
    assert report.tasks["after"].attempt_reports == ()
    assert report.error_summary == [
        "task 'fail' failed: ValueError: no rows",
        "task 'after' was not started: 'fail' did not complete",
    ]


def test_fail_fast_stops_the_rest_at_once():
    """AS-25: running tasks are cancelled, the report names the one that stopped the job."""
    job = Job("j")
    job.add(fail)

    @job.task
    async def endless() -> None:
        await asyncio.Event().wait()

    report = job.run_sync(fail_fast=True)

    assert states(report) == {"fail": "FAILED", "endless": "ABORTED"}
    assert report.ending is Ending.FAIL_FAST
    assert report.error_summary[0] == "task 'fail' failed and stopped the job, as `fail_fast` asks"


def test_a_run_reports_or_raises_as_it_is_asked():
    """AS-21, F2-07, X-AS-12: one channel for failures."""
    job = Job("j")
    job.add(fail)

    report = job.run_sync()
    assert not report.is_completed
    with pytest.raises(JobFailedError, match="ValueError: no rows") as caught:
        report.raise_for_failures()
    assert caught.value.names == ("fail",)
    with pytest.raises(JobFailedError):
        job.run_sync(raises=True)
    with pytest.raises(JobFailedError, match="it is FAILED: ValueError"):
        report.result("fail")


def test_a_task_that_cancels_itself_is_an_aborted_task_in_a_normal_report():
    """X-AS-06: nothing escapes, others go on."""
    job = Job("j")

    @job.task
    async def cancels() -> None:
        raise asyncio.CancelledError

    job.add(load)

    report = job.run_sync()

    assert states(report) == {"cancels": "ABORTED", "load": "COMPLETED"}
    assert report.tasks["cancels"].outcome.reason is Reason.ABORTED


def test_the_time_of_a_whole_run_can_be_limited():
    """PW-11: control comes back with a status that says why."""
    cleaned: list[str] = []
    job = Job("j")

    @job.task
    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("endless")

    report = job.run_sync(timeout=0.05)

    assert report.ending is Ending.DEADLINE
    assert report.exit_status == 124
    assert states(report) == {"endless": "ABORTED"}
    assert cleaned == ["endless"]


def test_a_cancelled_run_ends_its_tasks_in_order():
    """The caller's `asyncio.timeout` and `cancel()` work, and hooks are called."""
    hooks: list[str] = []
    began = asyncio.Event()

    class Waits(Task):
        async def run(self) -> None:
            began.set()
            await asyncio.Event().wait()

        async def on_abort(self) -> None:
            await asyncio.sleep(0)
            hooks.append("on_abort")

        def on_destroy(self) -> None:
            hooks.append("on_destroy")

    job = Job("j")
    job.add(Waits)

    async def main() -> None:
        running = asyncio.create_task(job.run())
        await began.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
    assert hooks == ["on_abort", "on_destroy"]
