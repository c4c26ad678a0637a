"""What a report comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowrun import values
from flowrun.attempt import Outcome
from flowrun.engine.report import AttemptReport, Ending, Report, TaskReport
from flowrun.errors import JobFailedError
from flowrun.eventbus.execution import ExecutionState as S

BEGAN = datetime(2026, 11, 21, tzinfo=UTC)


def report_of(*tasks: TaskReport, **more: object) -> Report:
    given = {"job_name": "j", "run_id": "r", "started": BEGAN, "seconds": 5.0, **more}
    return Report(tasks={task.name: task for task in tasks}, **given)  # type: ignore[arg-type]


def done(name: str, seconds: float = 1.0, started_at: float = 0.0, **more: object) -> TaskReport:
    times = {"seconds": seconds, "started_at": started_at, "ended_at": started_at + seconds}
    return TaskReport(name, "Load", S.COMPLETED, attempts=1, **{**times, **more})  # type: ignore[arg-type]


def test_times_of_the_whole_job_add_up() -> None:
    """AS-27: start, end, total, planning and running."""
    report = report_of(done("a"), planning_seconds=0.5)

    assert report.ended == BEGAN + timedelta(seconds=5)
    assert report.total_seconds == 5.5


def test_totals_count_tasks_by_state_and_no_groups() -> None:
    """AS-27: all, successful and failed tasks."""
    report = report_of(
        done("a"), TaskReport("g", "", S.FAILED, kind="group"), TaskReport("g/b", "Load", S.FAILED, attempts=1)
    )

    assert report.totals == {"tasks": 2, "completed": 1, "failed": 1}


def test_the_slowest_and_the_average_leave_out_what_was_not_started() -> None:
    """AS-31: get_longest_task, get_average_task_duration."""
    report = report_of(done("a", 1.0), done("b", 3.0), TaskReport("c", "Load", S.DEFAULTED))

    assert [task.name for task in report.slowest(2)] == ["b", "a"]
    assert report.average_seconds == 2.0
    assert report_of().average_seconds == 0.0


def test_waiting_begins_when_the_last_dependency_has_ended() -> None:
    report = report_of(done("a", 1.0), done("b", 2.0), done("c", 1.0, 2.5), needs={"a": (), "b": (), "c": ("a", "b")})

    assert report.waiting_seconds("c") == 0.5
    assert report.waiting_seconds("a") == 0.0


def test_results_are_decoded_and_members_are_in_their_groups() -> None:
    """F2-05, F2-06: by name, nested; falsy ones too."""
    report = report_of(
        done("a"),
        TaskReport("g", "", S.COMPLETED, kind="group"),
        done("g/b"),
        values={"a": "0", "g": '{"b":1}', "g/b": "1"},
    )

    assert report.results == {"a": 0, "g": {"b": 1}}
    assert report["g"]["b"] == report.result("g/b") == 1


def test_what_has_no_result_says_why() -> None:
    """X-F2-05: a failure is no value."""
    report = report_of(TaskReport("a", "Load", S.FAILED, outcome=Outcome.failed("ValueError: no rows")))

    with pytest.raises(JobFailedError, match="it is FAILED: ValueError: no rows"):
        report.result("a")
    with pytest.raises(KeyError, match="no task is named 'b'; there are: a"):
        report.result("b")


def test_what_went_wrong_is_told_in_sentences() -> None:
    """AS-33: the reason for the end first, then each retry, failure, and what did not start."""
    retried = AttemptReport(1, S.FAILED, 0.0, 1.0, "busy", will_retry=True)
    failed = TaskReport("a", "Load", S.FAILED, attempts=2, ended_at=2.0, outcome=Outcome.failed("no rows"))
    report = report_of(
        done("ok", attempt_reports=(retried,)),
        failed,
        TaskReport("b", "Load", S.DEFAULTED, held_back_by="a"),
        TaskReport("c", "Load", S.ABORTED, attempts=1, outcome=Outcome.aborted()),
        TaskReport("d", "Load", S.ABORTED),
        TaskReport("e", "Load", S.FAILED, attempts=1, ended_at=3.0, outcome=Outcome.failed("late"), is_allowed=True),
        ending=Ending.FAIL_FAST,
    )

    assert report.error_summary == [
        "task 'a' failed and stopped the job, as `fail_fast` asks",
        "attempt 1 of task 'ok' failed, another followed: busy",
        "task 'a' failed after 2 attempts: no rows",
        "task 'b' was not started: 'a' did not complete",
        "task 'c' was stopped: stopped from outside",
        "task 'd' was not started: the job was stopped",
        "task 'e' failed, as is allowed: late",
    ]


def test_the_json_form_holds_only_values_of_json() -> None:
    """AS-27: it can be read back."""
    import json

    here = AttemptReport(1, S.COMPLETED, 0.0, 1.0)
    far = AttemptReport(2, S.COMPLETED, 0.0, 1.0, begun_at=0.4, worker="far")
    report = report_of(
        done("a", attempt_reports=(here, far)),
        values={"a": values.encode({"x": 1})},
        needs={"a": ()},
    )
    body = json.loads(report.to_json())

    assert body == report.body()
    performed_here = {
        "number": 1,
        "state": "COMPLETED",
        "started_at": 0.0,
        "begun_at": None,
        "ended_at": 1.0,
        "seconds": 1.0,
        "message": "",
        "will_retry": False,
        "worker": None,
    }
    elsewhere = {"number": 2, "begun_at": 0.4, "seconds": 0.6, "worker": "far"}
    assert body["tasks"][0]["attempt_reports"] == [performed_here, {**performed_here, **elsewhere}]
    assert body["critical_path"] == ["a"]
