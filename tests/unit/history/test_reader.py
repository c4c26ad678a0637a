"""History: what runs have written can be read, run by run, task by task, while they go on and afterwards."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from flowrun.attempt import Outcome
from flowrun.errors import CheckpointInvalidError, StateError, UsageError
from flowrun.eventbus.execution import AttemptLookedFor, ExecutorNotice, Found, ItemsFound, JobStopping, TaskWaiting
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.progress import Progress
from flowrun.history.database import Database
from flowrun.history.intake import Intake
from flowrun.history.places import Places
from flowrun.history.reader import History

from .conftest import BEGAN, WrittenRun, failed, task

Written = Callable[..., WrittenRun]


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


def test_a_run_whose_process_is_gone_is_interrupted(written: Written, history: History) -> None:
    """What ran in it was cut off; it was over when it was last heard of."""
    run = written(tasks=[task("extract"), task("load", "extract")])
    run.move(7, "extract", S.PENDING, S.RUNNING)
    run.vanish()

    history.refresh()
    row = history.run("7f3a0001")

    assert (row.state, row.exit_status, row.seconds) == ("interrupted", None, 7)
    assert [(it.state, it.why) for it in history.tasks("7f3a0001")] == [
        ("ABORTED", "cut off: the process of the run is gone"),
        ("PENDING", ""),
    ]
    assert [attempt.state for attempt in history.attempts("7f3a0001")] == ["ABORTED"]
    assert history.events("7f3a0001")[-1].detail["state"] == "interrupted"


def test_a_killed_run_ended_when_it_was_heard_of_last(written: Written, history: History) -> None:
    """PARITY X-CF-20: its signs of life count, also those that were taken before it was gone."""
    run = written(tasks=[task("load")])
    run.move(1, "load", S.PENDING, S.RUNNING)
    run.book.tell_alive(BEGAN.timestamp() + 21)
    history.refresh()
    run.vanish()

    history.refresh()
    [row], [attempt], [start] = history.tasks(run.run), history.attempts(run.run), history.starts(run.run)

    assert (history.run(run.run).seconds, row.seconds, attempt.seconds) == (21, 20, 20)
    assert start.ended == row.ended == attempt.ended == BEGAN.timestamp() + 21


def test_a_restart_continues_the_run(written: Written, history: History) -> None:
    """It has the same id; kept tasks keep their times, others begin anew, and the seconds of both are added."""
    first = written(tasks=[task("extract"), task("load", "extract")])
    first.performed(0, 10, "extract")
    first.performed(10, 20, "load", failed())
    first.end(20, "failed", root_cause="load")
    history.refresh()
    later = BEGAN + timedelta(hours=2)
    second = written(tasks=[task("extract"), task("load", "extract")], began=later, plan={"load": "failed"})
    second.move(0, "extract", S.INIT, S.COMPLETED, 1)
    second.performed(1, 5, "load", attempt=2)
    second.end(6)

    history.refresh()
    row = history.run("7f3a0001")
    extract, load = history.tasks("7f3a0001")

    assert (row.state, row.starts, row.seconds, row.root_cause) == ("completed", 2, 26, "")
    assert (extract.is_kept, extract.seconds) == (True, 10)
    assert (load.state, load.seconds, load.attempts) == ("COMPLETED", 4, 2)
    assert [(it.number, it.exit_status) for it in history.starts("7f3a0001")] == [(1, 1), (2, 0)]
    assert [it.detail["plan"] for it in history.events("7f3a0001") if it.kind == "started"] == [{}, {"load": "failed"}]


@pytest.mark.parametrize(
    ("found", "began", "seconds"), [("under way", 1, 7209), ("ended", 1, 7209), ("begun again", 7205, 5)]
)
def test_an_attempt_that_was_found_again_began_when_it_did(
    written: Written, history: History, found: Found, began: float, seconds: float
) -> None:
    """It is one attempt, which the restart has not begun, unless it was not found."""
    first = written(tasks=[task("load")])
    first.move(1, "load", S.PENDING, S.RUNNING)
    first.vanish()
    history.refresh()
    later = BEGAN + timedelta(hours=2)
    second = written(tasks=[task("load")], began=later, plan={"load": "was cut off, and may still be under way"})
    second.move(4, "load", S.PENDING, S.RUNNING, may_be_under_way=True)
    history.refresh()
    [looked_for] = history.attempts("7f3a0001")
    search = AttemptLookedFor(name="load", attempt=1, found=found, timestamp=later + timedelta(seconds=5))
    second.note(search)
    second.move(10, "load", S.RUNNING, S.COMPLETED, 1, Outcome.completed())
    second.end(11)

    history.refresh()
    [attempt], [row] = history.attempts("7f3a0001"), history.tasks("7f3a0001")

    assert (looked_for.state, looked_for.message, looked_for.started) == ("RUNNING", "", BEGAN.timestamp() + 1)
    assert (attempt.state, attempt.started, attempt.seconds) == ("COMPLETED", BEGAN.timestamp() + began, seconds)
    assert (row.started, row.seconds) == (attempt.started, seconds)
    assert [(it.task, it.detail) for it in history.events("7f3a0001") if it.kind == "search"] == [
        ("load", {"attempt": 1, "found": found})
    ]


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


def test_an_older_database_becomes_one_of_today(written: Written, history: History, tmp_path: Path) -> None:
    """What it has stays; what is new in this version is added."""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    history.refresh()
    history.close()
    with sqlite3.connect(Places(tmp_path).database) as connection:
        for table, column in (("attempts", "begun"), ("attempts", "worker"), ("spools", "heard")):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("DROP TABLE progress")
        connection.execute("DROP INDEX approvals_of_run")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    (row,) = history.tasks(run.run)

    assert (row.state, row.progress) == ("COMPLETED", None)


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


def test_runs_are_listed_page_by_page(written: Written, history: History) -> None:
    """The newest first; by job, state, time and label; a cursor leads on. PARITY FM-15"""
    for number in range(5):
        run = written(
            run=f"run{number}",
            job=f"job{number % 2}",
            began=BEGAN + timedelta(minutes=number),
            labels={"team": "ops", "number": str(number)},
        )
        run.end(1, "failed" if number == 3 else "completed")
    history.refresh()

    first = history.runs(limit=2)
    second = history.runs(limit=2, cursor=first.next)
    third = history.runs(limit=2, cursor=second.next)

    assert [[run.id for run in page.runs] for page in (first, second, third)] == [
        ["run4", "run3"],
        ["run2", "run1"],
        ["run0"],
    ]
    assert third.next is None
    assert [run.id for run in history.runs(job="job1").runs] == ["run3", "run1"]
    assert [run.id for run in history.runs(state="failed").runs] == ["run3"]
    assert [run.id for run in history.runs(since=BEGAN.timestamp() + 180).runs] == ["run4", "run3"]
    assert [run.id for run in history.runs(label="number=2").runs] == ["run2"]
    assert len(history.runs(label={"team": "ops"}).runs) == len(history.runs(label="team").runs) == 5
    with pytest.raises(UsageError, match="completed, failed, stopped, interrupted"):
        history.runs(state="broken")
    with pytest.raises(UsageError, match="is no cursor"):
        history.runs(cursor="x")


def test_a_run_is_named_by_its_beginning_or_by_what_it_is(written: Written, history: History) -> None:
    """Unique beginnings, @last, @last-good, @failed, of one job or of all; unknown names come with suggestions."""
    for number, (run, state) in enumerate([("aa11", "completed"), ("aa22", "failed"), ("bb33", "completed")]):
        began = BEGAN + timedelta(minutes=number)
        written(run=run, job="other" if run == "bb33" else "nightly", began=began).end(1, state)
    history.refresh()

    assert history.resolve("bb") == "bb33"
    assert history.resolve("aa11") == "aa11"
    assert history.resolve("@last") == history.resolve("@last-good") == "bb33"
    assert history.resolve("@failed") == history.resolve("@last", job="nightly") == "aa22"
    assert history.resolve("@last-good", job="nightly") == "aa11"
    for name, said in {
        "aa": "may be aa22, aa11: give more",
        "bb34": "did you mean bb33",
        "zz": "the newest are: bb33, aa22, aa11",
        "@lst": "did you mean @last",
        "nightly": "`flowrun runs --job nightly` lists its runs",
        "": "no run begins with ''",
        "%": "no run begins with '%'",
    }.items():
        with pytest.raises(UsageError, match=said):
            history.resolve(name)
    with pytest.raises(UsageError, match="no run that failed of job 'other'"):
        history.resolve("@failed", job="other")
    with pytest.raises(UsageError, match="no run is called 'aa'"):
        history.run("aa")
    with pytest.raises(UsageError, match="no task is named 'lod' in run aa11"):
        history.task("aa11", "lod")


def test_jobs_are_summed_up(written: Written, history: History) -> None:
    """How often, how well, how long usually; a curve has at most so many points. PARITY CF-61"""
    for number in range(6):
        run = written(run=f"run{number}", began=BEGAN + timedelta(minutes=number), tasks=[task("load")])
        run.performed(0, number + 1, "load", failed() if number == 5 else None)
        run.end(number + 1, "failed" if number == 5 else "completed")
    history.refresh()

    [summary] = history.jobs()

    assert (summary.job, summary.runs, summary.last_state, summary.usual_seconds) == ("nightly", 6, "failed", 3)
    assert summary.success_share == pytest.approx(5 / 6)
    assert [run.id for run in summary.recent][:2] == ["run5", "run4"]
    assert [point.seconds for point in history.trends("nightly", limit=3)] == [4, 5, 6]
    assert [(point.state, point.seconds) for point in history.trends("nightly", "load", limit=2)] == [
        ("COMPLETED", 5),
        ("FAILED", 6),
    ]


def test_a_lost_database_is_made_anew(written: Written, history: History, tmp_path: Path) -> None:
    """Deleted or emptied, it is filled again with what the runs of the last days have left. PROMISES G15, D-13"""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    run.end(2)
    history.refresh()
    before = history.run("7f3a0001"), history.tasks("7f3a0001")
    database = Places(tmp_path).database

    database.unlink()
    history.refresh()
    assert (history.run("7f3a0001"), history.tasks("7f3a0001")) == before
    history.close()
    database.write_bytes(b"")
    history.refresh()
    assert (history.run("7f3a0001"), history.tasks("7f3a0001")) == before


@pytest.mark.parametrize("content", [b"\0" * 40_960, b"some other file" * 100])
def test_a_damaged_database_is_told_with_what_to_do(
    written: Written, history: History, tmp_path: Path, content: bytes
) -> None:
    """One clear line, that names the file and the remedy. PROMISES D-13"""
    written().end()
    Places(tmp_path).database.write_bytes(content)

    with pytest.raises(CheckpointInvalidError, match=r"history\.db is damaged: .*; delete it, and what the runs"):
        history.refresh()


def test_a_foreign_or_newer_database_is_left_alone(history: History, tmp_path: Path) -> None:
    """What is not ours, or of a later version, is neither changed nor misread. PROMISES D-13"""
    database = Places(tmp_path).database
    database.parent.mkdir()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(CheckpointInvalidError, match="a database of something else"):
        history.refresh()
    database.unlink()
    history.refresh()
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    history.close()
    with pytest.raises(CheckpointInvalidError, match="of a newer flowrun: it has schema version 99"):
        history.refresh()


def test_a_locked_database_is_shown_as_it_was(written: Written, history: History, tmp_path: Path) -> None:
    """If only writing is impossible, a notice says that what is shown may be old; else one line says why."""
    written().end()
    history.refresh()
    written(run="later", began=BEGAN + timedelta(minutes=1)).end()
    other = sqlite3.connect(Places(tmp_path).database, isolation_level=None)

    other.execute("BEGIN IMMEDIATE")
    history.refresh()
    assert "may be old: " in history.notices[0]
    assert [run.id for run in history.runs().runs] == ["7f3a0001"]
    other.execute("ROLLBACK")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StateError, match="locked by another process"):
        history.refresh()
    other.execute("ROLLBACK")
    other.close()
    history.refresh()
    assert (history.notices, len(history.runs().runs)) == ([], 2)


def test_lines_that_are_none_are_passed_over(written: Written, history: History, tmp_path: Path) -> None:
    """What somebody else wrote, what a later version writes, and a last line that was never finished."""
    run = written(tasks=[task("load")])
    [spool] = Places(tmp_path).spool.iterdir()
    with spool.open("ab") as stream:
        stream.write(b'rubbish\n\xff\xfe\n[]\n["later",{"a":1}]\n["moves",1]\n["start",{"run":"x","job":"x","at":1}]\n')
    run.performed(0, 1, "load")
    with spool.open("ab") as stream:
        stream.write(b'["moves",1.0,[["load"')
    run.vanish()

    history.refresh()

    assert history.task("7f3a0001", "load").state == "COMPLETED"
    assert [(it.id, it.state) for it in history.runs().runs] == [("7f3a0001", "interrupted")]


def test_two_readers_take_each_line_once(written: Written, history: History, tmp_path: Path) -> None:
    """Whoever comes second finds that it is taken, also if it was not put away."""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    run.end(2)
    [spool] = Places(tmp_path).spool.iterdir()
    copy = tmp_path / "copy"
    shutil.copy(spool, copy)
    events = history.refresh()
    shutil.copy(copy, spool)

    other = History(tmp_path)

    assert other.refresh() == events
    assert other.run("7f3a0001").starts == 1
    assert not list(Places(tmp_path).spool.iterdir())


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


def test_a_database_that_may_only_be_read_is_read(written: Written, tmp_path: Path) -> None:
    """With a notice that what is shown may be old."""
    written().end()
    History(tmp_path).refresh()
    history = History(tmp_path)
    database = Places(tmp_path).database
    written(run="later", began=BEGAN + timedelta(minutes=1)).end()
    history._database._made = lambda: ((0, 0), f"{database.as_uri()}?mode=ro")  # type: ignore[method-assign]

    history.refresh()

    assert [run.id for run in history.runs().runs] == ["7f3a0001"]
    assert "may be old: " in history.notices[0]


def test_a_database_that_was_made_anew_by_half_is_completed(written: Written, history: History, tmp_path: Path) -> None:
    """Whoever makes it anew may be killed while doing so: the next one takes the rest."""
    for number in range(3):
        written(run=f"run{number}", began=BEGAN + timedelta(seconds=number)).end()
    history.refresh()
    history.close()
    places = Places(tmp_path)
    places.database.unlink()
    Intake(places, Database(places.database))._take_all(sorted(places.kept.glob("*/run1*")), None)

    other = History(tmp_path)
    other.refresh()

    assert [run.id for run in other.runs().runs] == ["run2", "run1", "run0"]


def test_rows_have_a_form_for_programs(written: Written, history: History) -> None:
    """Times in ISO 8601, UTC; rows in rows as well."""
    run = written(tasks=[task("load")])
    run.performed(0, 1, "load")
    run.end(2)
    history.refresh()

    assert history.task("7f3a0001", "load").record()["started"] == "2026-11-21T02:00:00.000+00:00"
    assert history.jobs()[0].record()["recent"][0]["ended"] == "2026-11-21T02:00:02.000+00:00"
