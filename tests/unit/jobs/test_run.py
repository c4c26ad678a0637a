"""A job in Python runs inside the program that has it."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Annotated, Any

import pytest

from flowrun.attempt import Reason
from flowrun.engine.report import Ending
from flowrun.errors import DefinitionError, JobFailedError, UsageError
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.jobs import Job, Member, Parallel, Serial
from flowrun.task import Result, Task, current_task


class Connection:
    """Something that cannot be encoded."""


async def load() -> dict[str, Any]:
    return {"rows": [1, 2, 3], "name": "x"}


def fail() -> None:
    raise ValueError("no rows")


def states(report) -> dict[str, str]:
    return {name: task.state.name for name, task in report.tasks.items()}


def test_a_job_runs_any_number_of_times_with_the_same_outcome():
    """X-AS-01, AS-21: references do not change what is registered."""
    job = Job("j")
    job.add(load)

    @job.task
    def count(rows: Annotated[list[int], Result(load, "rows")]) -> int:
        return len(rows)

    async def thrice() -> list[Any]:
        one_by_one = [await job.run() for _ in range(2)]
        at_once = await asyncio.gather(job.run(), job.run())
        return [*one_by_one, *at_once]

    reports = asyncio.run(thrice())

    assert [report.result("count") for report in reports] == [3, 3, 3, 3]
    assert len({report.run_id for report in reports}) == 4


def test_one_result_is_read_in_every_way():
    """AS-20, X-AS-03: whole, by key and by index, by several tasks."""
    job = Job("j")
    job.add(load)

    @job.task
    def whole(it: Annotated[dict[str, Any], Result(load)]) -> str:
        return str(it["name"])

    @job.task
    def again(it: Annotated[dict[str, Any], Result(load)]) -> int:
        return len(it)

    @job.task
    def key(it: Annotated[list[int], Result(load, "rows")]) -> int:
        return sum(it)

    @job.task
    def index(it: Annotated[int, Result(load, "rows", 1)]) -> int:
        return it

    assert job.run_sync().results == {"load": asyncio.run(load()), "whole": "x", "again": 2, "key": 6, "index": 2}


def test_a_missing_key_fails_the_consumer():
    """AS-18, X-AS-03: the producer did its work."""
    job = Job("j")
    job.add(load)

    @job.task
    def key(it: Annotated[list[int], Result(load, "rws")]) -> None: ...

    report = job.run_sync()

    assert states(report) == {"load": "COMPLETED", "key": "FAILED"}
    assert all(word in report.tasks["key"].outcome.message for word in ("load", "rws", "rows"))


def test_results_are_handed_on_without_a_copy():
    """PROMISE of in-process runs: any object, the same object."""
    connection = Connection()
    job = Job("j")

    @job.task
    async def opened() -> Connection:
        return connection

    @job.task
    def used(it: Annotated[Any, Result("opened")]) -> bool:
        return it is connection

    report = job.run_sync()

    assert report.result("used") is True
    assert report.result("opened") is connection


def test_falsy_results_are_results():
    """F2-06, X-F2-05: 0, empty and False are kept; nothing overwrites another."""
    job = Job("j")
    for name, value in {"zero": 0, "empty": "", "no": False, "none": None, "list": []}.items():
        job.add(lambda value=value: value, name=name)

    assert job.run_sync().results == {"zero": 0, "empty": "", "no": False, "none": None, "list": []}


def test_functions_of_every_kind_are_tasks():
    """F2-02: sync, async, generator and async generator."""

    async def stream():
        yield 1
        yield 2

    def parts():
        yield "a"

    job = Job("j")
    for function in (stream, parts, load):
        job.add(function)

    assert job.run_sync().results == {"stream": [1, 2], "parts": ["a"], "load": asyncio.run(load())}


def test_async_tasks_run_in_the_loop_of_the_caller_and_others_in_threads():
    """AS-02: neither blocks the other."""
    job = Job("j")
    job.add(lambda: threading.current_thread(), name="sync")

    @job.task
    async def waits() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    async def main() -> None:
        report = await job.run()
        assert report.result("waits") is asyncio.get_running_loop()
        assert report.result("sync") is not threading.current_thread()

    asyncio.run(main())


def test_two_blocking_tasks_overlap():
    """AS-02, X-AS-07: each waits until the other has begun."""
    meeting = threading.Barrier(2, timeout=30)
    job = Job("j")
    job.add(meeting.wait, name="a")
    job.add(meeting.wait, name="b")

    report = job.run_sync()

    assert sorted(report.results.values()) == [0, 1]
    assert report.max_parallelism == 2


def test_no_task_waits_for_one_that_it_does_not_need():
    """AS-11, X-AS-04: there is no barrier between levels."""
    job = Job("j")
    may_end = asyncio.Event()

    @job.task
    async def slow() -> None:
        await may_end.wait()

    @job.task
    async def quick() -> None: ...

    @job.task(depends_on=[quick])
    async def after_quick() -> None:
        may_end.set()

    assert job.run_sync().is_completed


def test_at_most_so_many_tasks_run_at_the_same_time():
    """AS-23: also as an argument of the run."""
    job = Job("j")
    for number in range(6):
        job.add(load, name=str(number))

    assert job.run_sync(max_concurrency=2).max_parallelism <= 2


def test_only_targets_and_what_they_need_are_run():
    """AS-08: the order of registration stays; an unknown target is an error."""
    job = Job("j")
    first = job.add(load)
    job.add(load, name="other")
    last = job.add(load, name="last", depends_on=[first])

    assert states(job.run_sync([last])) == {"load": "COMPLETED", "other": "SKIP", "last": "COMPLETED"}
    assert states(job.run_sync(["other"]))["load"] == "SKIP"
    with pytest.raises(UsageError, match="did you mean 'last'"):
        job.run_sync(["lst"])


def test_parameters_and_vars_of_a_run_stand_above_those_of_the_job():
    """AS-17, F2-19: and hold for that run only."""
    job = Job("j", vars={"who": "nobody"})

    @job.task(parameters={"who": "${{ vars.who }}"})
    def greet(greeting: str = "hello", who: str = "") -> str:
        return f"{greeting} {who}"

    given = job.run_sync(parameters={greet: {"greeting": "bye"}}, vars={"who": "you"})

    assert given.result("greet") == "bye you"
    assert job.run_sync().result("greet") == "hello nobody"
    with pytest.raises(UsageError, match="no task of job 'j' is named 'gret'"):
        job.run_sync(parameters={"gret": {}})


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
    ended: dict[str, float] = {}
    job = Job("j")
    may_end = asyncio.Event()

    @job.task
    async def long() -> None:
        await may_end.wait()
        ended["long"] = time.monotonic()

    @job.task
    async def short() -> None:
        ended["short"] = time.monotonic()

    @job.task(depends_on=[short])
    async def release() -> None:
        may_end.set()

    report = job.run_sync()

    assert report.tasks["short"].ended_at <= report.tasks["release"].started_at
    assert report.tasks["short"].seconds <= report.tasks["long"].seconds
    assert report.slowest(1)[0].name == "long"


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


def test_nobody_waits_for_a_detached_task_and_its_outcome_is_still_told():
    """AS-26: its failure fails nothing."""
    job = Job("j")
    may_end = asyncio.Event()
    job.add(load)

    @job.task(detached=True)
    async def tail() -> None:
        await may_end.wait()
        raise ValueError("late")

    async def main() -> None:
        report = await job.run()
        assert states(report) == {"load": "COMPLETED", "tail": "RUNNING"}
        assert report.is_completed
        may_end.set()
        later = await report.detached()
        assert states(later) == {"load": "COMPLETED", "tail": "FAILED"}
        assert later.is_completed

    asyncio.run(main())


def test_a_detached_task_that_is_over_in_time_is_in_the_report():
    """AS-26: `run_sync` waits for it, as the event loop ends with it."""
    job = Job("j")

    @job.task(detached=True)
    async def tail() -> int:
        await asyncio.sleep(0)
        return 1

    assert job.run_sync().result("tail") == 1


def test_nothing_is_written_and_nothing_is_shown(tmp_path, capfd):
    """AS-22, F2-11, X-AS-09: quiet unless something else is asked for."""
    job = Job("j", root=tmp_path)
    job.add(load)
    job.add(fail)
    job.run_sync()

    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_what_a_task_prints_is_printed(capsys):
    """A function behaves as it does without a job."""
    job = Job("j")
    job.add(lambda: print("hello"), name="a")
    job.run_sync()

    assert capsys.readouterr().out == "hello\n"


def test_a_checkpoint_can_be_continued(tmp_path):
    """PROMISE: what completed is not run again, and its result comes back."""
    fails = [True]
    calls: list[str] = []
    job = Job("j", root=tmp_path)

    @job.task
    def first() -> int:
        calls.append("first")
        return 7

    @job.task
    def second(it: Annotated[int, Result("first")]) -> int:
        if fails.pop():
            raise ValueError("planned")
        return it + 1

    assert not job.run_sync(checkpoint=True).is_completed
    fails.append(False)
    report = job.run_sync(restart=True)

    assert report.results == {"first": 7, "second": 8}
    assert calls == ["first"]
    assert report.tasks["first"].kept


def test_a_wrong_job_raises_and_starts_nothing():
    """AS-09, X-AS-12: a mistake is no failed report."""
    calls: list[int] = []
    job = Job("j")
    job.add(lambda: calls.append(1), name="a")
    job.add(load, depends_on=["nope"])

    with pytest.raises(DefinitionError, match="nope"):
        job.run_sync()
    assert calls == []


def test_a_job_without_tasks_is_refused():
    with pytest.raises(DefinitionError):
        Job("j").run_sync()


def test_run_sync_belongs_outside_of_event_loops():
    job = Job("j")
    job.add(load)

    async def main() -> None:
        with pytest.raises(UsageError, match=r"await job\.run"):
            job.run_sync()

    asyncio.run(main())


def test_the_lines_of_a_run_are_plain_where_no_colour_is_wanted(capsys):
    """F2-10, X-F2-06: no colours into a pipe; results may be kept back."""
    job = Job("j")
    job.add(load)
    job.add(fail)
    job.add(lambda: "secret", name="quiet", output=False)
    job.run_sync(output=True)
    out = capsys.readouterr().out

    assert "\x1b" not in out
    assert "STARTING load\n" in out
    assert "SUCCESS load\nrows:\n- 1\n- 2\n- 3\nname: x\n" in out
    assert "FAILED fail\nValueError: no rows\n" in out
    assert "SUCCESS quiet\n" in out
    assert "secret" not in out


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
