"""History: what runs have written can be read, run by run, task by task, while they go on and afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.execution import ExecutorNotice, ItemsFound, JobStopping, TaskWaiting
from flowrun.eventbus.progress import Progress
from flowrun.history.places import Places
from flowrun.history.reader import History

from .conftest import BEGAN, Written, WrittenRun, failed, task


def test_a_run_is_there_with_its_tasks_and_attempts(written: Written, history: History) -> None:
    """States, times, tries, reasons, places, processor time and memory; waiting is what is left after the needs."""
    run = written(tasks=[task("extract"), task("load", "extract")], labels={"team": "ops"})
    run.performed(0, 10, "extract", Outcome.completed().but(cpu_seconds=2.5, peak_bytes=1000))
    run.move(12, "load", S.PENDING, S.RUNNING)
    run.move(15, "load", S.RUNNING, S.PENDING, 1, failed(), pause=2.0)
    run.performed(17, 20, "load", failed("ValueError: again"), attempt=2)
    run.end(21, "failed", root_cause="load", message="ValueError: again")

    history.refresh()
    row = history.run("7f3a0001")
    extract, load = history.tasks("7f3a0001")
    first, second = history.attempts("7f3a0001", "load")

    assert (row.state, row.exit_status, row.seconds, row.root_cause) == ("failed", 1, 21, "load")
    assert (row.counts, row.labels) == ({"COMPLETED": 1, "FAILED": 1}, {"team": "ops"})
    assert (extract.state, extract.seconds, extract.cpu_seconds, extract.peak_bytes) == ("COMPLETED", 10, 2.5, 1000)
    assert (load.state, load.attempts, load.seconds, load.waiting_seconds) == ("FAILED", 2, 8, 2)
    assert (load.why, load.executor, load.max_attempts) == ("ValueError: again", "process", 3)
    assert (first.state, first.will_retry, first.pause_seconds) == ("FAILED", True, 2.0)
    assert (second.reason, second.message, second.file, second.line) == (
        "raised",
        "ValueError: again",
        "tasks/a.py",
        58,
    )
    assert (second.state, second.will_retry, second.traceback) == ("FAILED", False, "Traceback\n")


def test_a_run_can_be_read_while_it_goes_on(written: Written, history: History) -> None:
    """Each look takes what is new, and nothing twice."""
    run = written(tasks=[task("extract"), task("load", "extract")])
    run.move(1, "extract", S.PENDING, S.RUNNING)
    first = history.refresh()
    before = [row.state for row in history.tasks("7f3a0001")]
    run.move(5, "extract", S.RUNNING, S.COMPLETED, 1, Outcome.completed())
    second = history.refresh()

    assert history.run("7f3a0001").state == "running"
    assert history.run("7f3a0001").seconds == 3600
    assert before == ["RUNNING", "PENDING"]
    assert [row.state for row in history.tasks("7f3a0001")] == ["COMPLETED", "PENDING"]
    assert (first, second, history.refresh()) == (2, 3, 3)
    assert [event.kind for event in history.events("7f3a0001", after=first)] == ["moved"]


def test_items_stand_with_their_task(written: Written, history: History) -> None:
    """They have its class and executor; the counts are of items, not of the task that they are items of."""
    run = written(tasks=[task("each", kind="items"), task("end", "each")])
    run.move(0, "each", S.PENDING, S.RUNNING, 0)
    run.note(ItemsFound(name="each", items=2, kept=0, job_name="nightly", timestamp=BEGAN))
    run.performed(1, 2, "each[a[1]]")
    run.performed(1, 3, "each[b]", failed())
    run.move(3, "each", S.RUNNING, S.FAILED, 0, failed("1 of 2 items failed"))
    run.end(4, "failed")

    history.refresh()
    rows = history.tasks("7f3a0001")

    assert [row.name for row in rows] == ["each", "each[a[1]]", "each[b]", "end"]
    assert [(row.kind, row.parent, row.variant, row.executor) for row in rows[1:3]] == [
        ("item", "each", "Load", "process"),
        ("item", "each", "Load", "process"),
    ]
    assert rows[0].items == 2
    assert history.run("7f3a0001").counts == {"COMPLETED": 1, "FAILED": 1, "PENDING": 1}


def test_added_tasks_and_members_are_known(written: Written, history: History) -> None:
    """A task that another adds stands after all, with its class; a member of a group knows its group."""
    run = written(tasks=[task("etl", kind="group"), task("etl/load", parent="etl"), task("end", "etl")])
    spawned = ({"name": "etl/load/more", "definition": {"task": "More"}, "given": {}, "executor": "process"},)
    run.performed(0, 1, "etl/load", Outcome.completed().but(spawned=spawned))
    run.performed(1, 2, "etl/load/more")
    run.end(3)

    history.refresh()
    rows = {row.name: row for row in history.tasks("7f3a0001")}

    assert rows["etl/load"].parent == "etl"
    assert (rows["etl/load/more"].variant, rows["etl/load/more"].parent) == ("More", "etl/load")
    definition = history.graph("7f3a0001")
    assert definition is not None
    assert [(node.name, node.kind, list(node.dependencies)) for node in definition.tasks] == [
        ("etl", "group", []),
        ("etl/load", "task", []),
        ("end", "task", ["etl"]),
    ]
    assert history.run("7f3a0001").counts == {"COMPLETED": 2, "PENDING": 1}


def test_values_are_kept_and_cut(written: Written, history: History) -> None:
    """Results in plain form, at most 64 KiB; the last text of a shared value, and that it was deleted."""
    run = written(tasks=[task("extract"), task("load")])
    run.performed(0, 1, "extract", Outcome.completed('{"$date": "2026-11-21"}').but(shared={'"day"': "1"}))
    run.performed(1, 2, "load", Outcome.completed('"' + "x" * 100_000 + '"').but(shared={'"day"': None}))
    run.end(3)

    history.refresh()
    extract, load, shared = history.values("7f3a0001")

    assert (extract.kind, extract.name, extract.text, extract.is_cut) == ("result", "extract", '"2026-11-21"', False)
    assert (load.size, len(load.text), load.is_cut) == (100_002, 65_536, True)
    assert (shared.kind, shared.name, shared.task, shared.is_deleted) == ("shared", "day", "load", True)


def test_it_is_known_that_another_try_was_pointless(written: Written, history: History) -> None:
    """Of an attempt whose outcome said so."""
    run = written(tasks=[task("load"), task("other")])
    run.performed(0, 1, "load", failed().but(is_final=True))
    run.performed(0, 1, "other", failed())
    history.refresh()

    assert {one.task: one.is_final for one in history.attempts(run.run)} == {"load": True, "other": False}


def test_what_attempts_said_last_of_how_far_they_are_is_kept(written: Written, history: History) -> None:
    """Of each attempt; the row of a task has that of its last one; what changed is found by its order."""

    async def live() -> None:
        run = written(tasks=[task("load"), task("quiet")])
        run.performed(0, 1, "quiet")
        run.move(0, "load", S.PENDING, S.RUNNING, 1)
        run.advance(1, "load", 1, 3, 10)
        run.advance(2, "load", 1, 4, 10, "files")
        run.move(3, "load", S.RUNNING, S.PENDING, 1, failed())
        run.move(4, "load", S.PENDING, S.RUNNING, 2)
        history.refresh()
        assert [row.progress for row in history.tasks(run.run)] == [None, None]
        assert history.attempts(run.run, "load")[0].progress == Progress(4, 10, "files")
        before = history.last_change()
        run.advance(5, "load", 2, 0.5)
        run.book.settle()
        history.refresh()
        assert [row.progress for row in history.tasks(run.run)] == [Progress(0.5), None]
        assert [row.progress for row in history.tasks(run.run, ["load"])] == [Progress(0.5)]
        assert history.task(run.run, "load").record()["progress"] == {"done": 0.5, "total": None, "message": ""}
        (told,) = history.advances(after=before)
        assert (told.run, told.task, told.attempt, told.progress) == (run.run, "load", 2, Progress(0.5))
        assert history.advances_under_way(run.run) == [told]
        assert history.advances(after=told.change) == []

    asyncio.run(live())


def test_what_else_happens_is_told_in_order(written: Written, history: History) -> None:
    """Waiting for other jobs, words of executors, a stop; all runs share one sequence."""
    run = written(tasks=[task("load")])
    run.note(TaskWaiting(name="load", what="pool warehouse", job_name="nightly", timestamp=BEGAN))
    run.note(ExecutorNotice(executor="redis", message="Redis is away", job_name="nightly", timestamp=BEGAN))
    run.note(JobStopping(why="stopped", running=1, grace_seconds=8.0, job_name="nightly", timestamp=BEGAN))
    run.end(3, "stopped", ending="stopped")

    history.refresh()
    events = history.events()

    assert [event.kind for event in events] == ["started", "waiting", "notice", "stopping", "ended"]
    assert events[1].detail == {"what": "pool warehouse"}
    assert events[2].detail == {"executor": "redis", "message": "Redis is away"}
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert history.events(after=3, limit=1) == events[3:4]


def test_some_tasks_are_read_without_the_others(written: Written, history: History) -> None:
    """With the same waiting times; a task that is not there is not among them."""
    run = written(tasks=[task("extract"), task("load", "extract"), task("end", "load")])
    run.performed(0, 10, "extract")
    run.performed(12, 20, "load")
    run.end(20)
    history.refresh()

    every = {row.name: row for row in history.tasks("7f3a0001")}

    assert history.tasks("7f3a0001", ["load", "none"]) == [every["load"]]
    assert history.task("7f3a0001", "load").waiting_seconds == 2
    assert [it.task for it in history.attempts("7f3a0001", names=["load"])] == ["load"]
    assert [it.task for it in history.attempts("7f3a0001")] == ["extract", "load"]
    assert history.log_files("7f3a0001") == []


def test_the_process_of_a_run_is_known_while_it_lives(written: Written, history: History) -> None:
    """Its number and its birth, so that a number that is used again is not mistaken for it."""
    run = written()
    history.refresh()
    alive = history.process("7f3a0001")
    run.end()
    history.refresh()

    assert (alive, history.process("7f3a0001")) == ((4711, "42"), None)


def test_looking_at_nothing_makes_no_files(tmp_path: Path) -> None:
    """In a directory in which nothing ever ran the history is empty, and stays so until something runs."""
    history = History(tmp_path)

    assert (history.refresh(), history.runs().runs, history.jobs()) == (0, [], [])
    assert list(tmp_path.iterdir()) == []
    WrittenRun(Places(tmp_path)).end()
    history.refresh()
    assert len(history.runs().runs) == 1


def test_rows_have_a_form_for_programs(written: Written, history: History) -> None:
    """Times in ISO 8601, UTC; rows in rows as well."""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    run.end(2)
    history.refresh()

    assert history.task("7f3a0001", "load").record()["started"] == "2026-11-21T02:00:00.000+00:00"
    assert history.jobs()[0].record()["recent"][0]["ended"] == "2026-11-21T02:00:02.000+00:00"
