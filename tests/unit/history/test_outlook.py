"""Outlook: how long tasks usually take, and how long a run will go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from flowrun.eventbus.execution import ApprovalEvent, ItemsFound
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.database import Database
from flowrun.history.outlook import Outlook
from flowrun.history.places import Places
from flowrun.history.progress import keep
from flowrun.history.reader import History
from flowrun.history.written_course import written_course
from flowrun.usual.course import ALL
from flowrun.usual.samples import Samples, write_samples

from .conftest import BEGAN, Written, task


def known(tmp_path: Path, items: dict[str, list[float]] | None = None, **tasks: list[float]) -> None:
    write_samples(Places(tmp_path).samples("nightly"), Samples(tasks, items or {}))


def test_a_task_says_how_long_it_usually_takes(written: Written, history: History, tmp_path: Path) -> None:
    """The median of what is kept; an item that of the items; a task that is not known says nothing."""
    known(tmp_path, {"each": [0.5]}, load=[1.0, 5.0, 3.0], each=[9.0])
    run = written(tasks=[task("load"), task("each", kind="items"), task("new")])
    run.move(1, "each", S.PENDING, S.RUNNING, 0)
    run.performed(1, 2, "each[eu]")
    history.refresh()

    assert {row.name: row.usual_seconds for row in history.tasks("7f3a0001")} == {
        "load": 3.0,
        "each": 9.0,
        "each[eu]": 0.5,
        "new": None,
    }


def test_a_run_that_goes_on_says_how_long(written: Written, at: Callable[[float], History], tmp_path: Path) -> None:
    """CF-59, CF-60: what has ended takes nothing, what runs the rest, what waits all of it; at the end nothing."""
    known(tmp_path, a=[10.0], b=[4.0], c=[2.0])
    run = written(tasks=[task("a"), task("b", "a"), task("c")])
    run.move(0, "a", S.PENDING, S.RUNNING)
    first, later = at(3), at(9)
    for history in (first, later):
        history.refresh()
    assert first.run("7f3a0001").remaining_seconds == 11
    assert later.run("7f3a0001").remaining_seconds == 5

    run.move(10, "a", S.RUNNING, S.COMPLETED)
    run.performed(10, 14, "b")
    run.performed(10, 12, "c")
    last = at(14)
    last.refresh()
    assert last.run("7f3a0001").remaining_seconds == 0
    run.end(14)
    last.refresh()
    assert last.run("7f3a0001").remaining_seconds is None


def test_what_has_happened_is_not_read_again_for_each_estimate(written: Written, history: History) -> None:
    """Who watches a run asks often, and a run of many tasks has hundreds of thousands of events."""
    written(tasks=[task("a")]).move(0, "a", S.PENDING, S.RUNNING)
    history.refresh()
    places, steps = Places(history.root), 0
    outlook = Outlook(places)

    def step() -> None:
        nonlocal steps
        steps += 1

    def taken(connection: Connection, seconds: float) -> int:
        nonlocal steps
        steps = 0
        outlook.remaining_seconds(connection, 1, "nightly", BEGAN.timestamp() + seconds)
        return steps

    with Database(places.database).writing() as connection:
        connection.set_progress_handler(step, 1)
        taken(connection, 1)
        few = taken(connection, 2)
        for _ in range(1000):
            connection.execute("INSERT INTO events (run, at, kind, task) VALUES (1, 0, 'moved', 'a')")

        assert taken(connection, 3) == few


def test_nobody_knows_how_long_a_person_takes(written: Written, at: Callable[[float], History], tmp_path: Path) -> None:
    """CF-60: as long as an answer is awaited nothing is said; then the rest counts again."""
    known(tmp_path, a=[10.0], b=[4.0])
    run = written(tasks=[task("a"), task("b", "a")])
    run.performed(0, 8, "a")
    asked = {"name": "b", "run": run.run, "question": "Go on?", "since": "2026-11-21T02:00:08+00:00"}
    run.note(ApprovalEvent(**asked, timestamp=BEGAN + timedelta(seconds=8)))
    waiting, answered = at(30), at(40)
    waiting.refresh()
    assert waiting.run(run.run).remaining_seconds is None

    run.note(ApprovalEvent(**asked, answer="approved", by="anna", timestamp=BEGAN + timedelta(seconds=39)))
    answered.refresh()
    assert answered.run(run.run).remaining_seconds == 4


def test_nothing_is_invented_of_a_first_run(written: Written, history: History) -> None:
    """Neither of its tasks nor of itself."""
    run = written(tasks=[task("load")])
    run.move(0, "load", S.PENDING, S.RUNNING)
    history.refresh()

    row = history.run("7f3a0001")
    assert (row.usual_seconds, row.remaining_seconds) == (None, None)
    assert history.task("7f3a0001", "load").usual_seconds is None


def test_items_tell_the_pace_themselves(written: Written, at: Callable[[float], History]) -> None:
    """CF-60: in a first run too, as soon as some have ended."""
    run = written(tasks=[task("each", kind="items")])
    run.move(0, "each", S.PENDING, S.RUNNING, 0)
    run.note(ItemsFound(name="each", items=10, kept=0, job_name="nightly", timestamp=BEGAN))
    run.performed(0, 2, "each[0]")
    run.performed(2, 4, "each[1]")
    run.move(4, "each[2]", S.PENDING, S.RUNNING)
    history = at(5)
    history.refresh()

    assert history.run("7f3a0001").remaining_seconds == pytest.approx(15)


def test_a_task_that_says_how_far_it_is_tells_what_is_left(
    written: Written, at: Callable[[float], History], tmp_path: Path
) -> None:
    """CF-60: also in a first run; what an earlier attempt has said counts no more."""
    run = written(tasks=[task("load")])
    run.move(0, "load", S.PENDING, S.RUNNING)
    first, second = at(5), at(9)
    first.refresh()
    with Database(Places(tmp_path).database).writing() as connection:
        keep(connection, 1, [("load", 1, 1, 4, "")])
    assert first.run("7f3a0001").remaining_seconds == 15

    run.move(8, "load", S.RUNNING, S.PENDING, 1, pause=0.5)
    run.move(9, "load", S.PENDING, S.RUNNING, 2)
    second.refresh()
    assert second.run("7f3a0001").remaining_seconds is None


def test_tasks_that_are_left_out_take_nothing(written: Written, at: Callable[[float], History], tmp_path: Path) -> None:
    """The start of a run tells which tasks it performs, if not all."""
    known(tmp_path, a=[10.0], b=[4.0])
    run = written(tasks=[task("a"), task("b")], plan={"b": ""})
    run.move(0, "b", S.PENDING, S.RUNNING)
    history = at(1)
    history.refresh()

    assert history.run("7f3a0001").remaining_seconds == 3


def test_the_usual_time_of_a_run_is_that_of_those_that_completed(written: Written, history: History) -> None:
    for number, (seconds, state) in enumerate([(3, "completed"), (900, "failed"), (5, "completed")]):
        written(run=f"run{number}", began=BEGAN + timedelta(minutes=number)).end(seconds, state)
    history.refresh()

    assert history.run("run1").usual_seconds == 4
    assert [job.usual_seconds for job in history.jobs()] == [4]


def test_slots_and_needs_are_read_from_the_definition() -> None:
    """Also through groups; what comes from the environment is no number, and there is no limit then."""
    tasks = [
        task("load"),
        task("g", "load", kind="group"),
        task("g/a", parent="g"),
        task("g/b", parent="g"),
        task("each", "g", kind="items"),
    ]
    merged: dict[str, Any] = {
        "config": {"max_concurrency": 4},
        "pools": {"db": 2, "license": {"slots": 1, "scope": "machine"}, "other": "$ENV{N}"},
        "tasks": {
            "load": {"task": "Load", "pool": "db"},
            "g": {"max_concurrency": 1, "parallel": {"a": {"task": "A", "run_if": "failure"}, "b": {"task": "B"}}},
            "each": {"task": "Load", "max_concurrency": 3},
        },
    }

    course = written_course(tasks, merged, None)

    assert course.needs == {
        "load": [],
        "g": ["load", "g/a", "g/b"],
        "g/a": ["load"],
        "g/b": ["load"],
        "each": ["g"],
    }
    assert course.slots == {"pool db": 2, "pool license": 1, ALL: 4, "group g": 1}
    assert course.limits == {"load": ("pool db",), "g/a": ("group g",), "g/b": ("group g",)}
    assert (course.widths, course.after_failure) == ({"each": 3}, {"g/a"})
    assert ALL not in written_course(tasks, {"config": {"max_concurrency": "$ENV{N}"}}, None).slots
    assert written_course(tasks, merged, 7).slots[ALL] == 7
