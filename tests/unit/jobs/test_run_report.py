"""The report of a job in Python: its attempts, its times, its JSON form."""

from __future__ import annotations

import asyncio
import time

from flowrun.eventbus.execution import ExecutionState as S
from flowrun.jobs import Job, Member, Serial

from .stock import fail, load


def test_attempts_have_records_of_their_own():
    """AS-24, AS-28, AS-29, AS-33: each try with its number, state, message, and whether another followed."""
    tries = iter([ValueError("first"), ValueError("second"), None])
    job = Job("j")

    @job.task(max_attempts=4)
    def flaky() -> str:
        if error := next(tries):
            raise error
        return "done"

    report = job.run_sync()
    task = report.tasks["flaky"]

    assert [(one.number, one.state, one.message, one.will_retry) for one in task.attempt_reports] == [
        (1, S.FAILED, "ValueError: first", True),
        (2, S.FAILED, "ValueError: second", True),
        (3, S.COMPLETED, "", False),
    ]
    assert task.attempts == 3
    assert report.is_completed
    assert len(report.error_summary) == 2
    assert "first" in report.error_summary[0]


def test_durations_are_real_and_independent_of_other_tasks():
    """AS-28, X-AS-05: what ended early has ended early."""
    job = Job("j")
    may_end = asyncio.Event()

    @job.task
    async def long() -> None:
        await may_end.wait()

    @job.task
    async def short() -> None: ...

    @job.task(depends_on=[short])
    async def release() -> None:
        may_end.set()

    report = job.run_sync()

    assert report.tasks["short"].ended_at <= report.tasks["release"].started_at
    assert report.tasks["short"].seconds <= report.tasks["long"].seconds
    assert report.slowest(1)[0].name == "long"


def test_the_path_that_took_longest_leads_through_groups():
    """AS-31: the critical path over measured durations, of a task with items all of it."""
    job = Job("j")
    job.add(Serial(Member(lambda: time.sleep(0.03), name="a"), Member(lambda: time.sleep(0.03), name="b"), name="g"))
    job.add(load, name="last", depends_on=["g"])
    job.add(load, name="apart")
    fan = Job("fan")
    fan.add(lambda: time.sleep(0.03), name="each", foreach=[1, 2])
    fan.add(load, name="after", depends_on=["each"])

    assert [task.name for task in job.run_sync().critical_path] == ["g/a", "g/b", "last"]
    assert [task.name for task in fan.run_sync().critical_path] == ["each", "after"]


def test_the_report_has_one_json_form():
    """AS-27: with counterparts of every field."""
    import json

    job = Job("j")
    job.add(load)
    job.add(fail)
    body = json.loads(job.run_sync().to_json())

    assert body["totals"] == {"tasks": 2, "completed": 1, "failed": 1}
    assert {"started", "ended", "total_seconds", "planning_seconds", "seconds", "max_parallelism"} <= body.keys()
    assert body["error_summary"] == ["task 'fail' failed: ValueError: no rows"]
    assert [task["name"] for task in body["tasks"]] == ["load", "fail"]
    assert body["tasks"][1]["attempt_reports"][0]["message"] == "ValueError: no rows"
