"""A job in Python runs inside the program that has it."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated, Any

import pytest

from flowrun.errors import DefinitionError, UsageError
from flowrun.jobs import Job
from flowrun.task import Result

from .stock import fail, load, states


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
