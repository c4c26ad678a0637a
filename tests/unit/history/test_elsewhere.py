"""Attempts that wait for a worker elsewhere: that is waiting, and it is known who performed them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flowrun.eventbus.execution import AttemptBegun
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.places import Places
from flowrun.history.reader import History
from flowrun.usual.samples import Samples, write_samples

from .conftest import BEGAN, Written, WrittenRun, task

ID = "7f3a0001"


def begin(run: WrittenRun, at: float, name: str, worker: str = "far-1", attempt: int = 1) -> None:
    """A worker elsewhere begins an attempt."""
    run.note(AttemptBegun(name=name, attempt=attempt, worker=worker, timestamp=BEGAN + timedelta(seconds=at)))


def test_time_in_a_queue_is_waiting(written: Written, at: Callable[[float], History]) -> None:
    """PARITY X-CF-20: what runs counts from when a worker began it, and as long as none has, it waits for one."""
    run = written(tasks=[task("load")], queues=["process"])
    run.move(1, "load", S.PENDING, S.RUNNING)
    waiting = at(4)
    waiting.refresh()
    [row], [attempt] = waiting.tasks(ID), waiting.attempts(ID)

    assert (row.seconds, row.waiting_seconds, row.queue_seconds, row.begun) == (0, 4, 3, None)
    assert (row.why, row.worker, attempt.seconds, attempt.begun) == ("waits for a worker", "", 0, None)

    begin(run, 5, "load")
    running = at(7)
    running.refresh()
    [row], [attempt] = running.tasks(ID), running.attempts(ID)

    assert (row.seconds, row.waiting_seconds, row.queue_seconds, row.why) == (2, 5, 4, "")
    assert (attempt.seconds, attempt.worker, attempt.begun) == (2, "far-1", BEGAN.timestamp() + 5)

    begin(run, 8, "load", "far-2")
    run.move(11, "load", S.RUNNING, S.COMPLETED)
    run.end(11)
    over = at(60)
    over.refresh()
    [row], [attempt] = over.tasks(ID), over.attempts(ID)

    assert (row.seconds, row.waiting_seconds, row.worker) == (6, 5, "far-2")
    assert (attempt.started, attempt.begun, attempt.seconds) == (BEGAN.timestamp() + 1, BEGAN.timestamp() + 5, 6)
    assert [it.seconds for it in over.trends("nightly", "load")] == [6]
    assert [it.detail for it in over.events(ID) if it.kind == "begun"] == [
        {"attempt": 1, "worker": "far-1"},
        {"attempt": 1, "worker": "far-2"},
    ]


def test_an_attempt_that_ends_in_the_queue_has_taken_no_time(written: Written, history: History) -> None:
    """It was stopped before a worker had begun it; tasks that are performed here have no queue."""
    run = written(tasks=[task("load"), task("here", executor="thread")], queues=["process"])
    run.move(0, "load", S.PENDING, S.RUNNING)
    run.performed(0, 3, "here")
    run.move(9, "load", S.RUNNING, S.ABORTED)
    run.end(9, "stopped", ending="stopped")
    history.refresh()

    load, here = history.tasks(ID)

    assert (load.seconds, load.waiting_seconds, load.begun) == (0, 9, None)
    assert (here.seconds, here.queue_seconds, here.begun, here.worker) == (3, 0, here.started, "")
    assert [it.seconds for it in history.attempts(ID)] == [3, 0]


def test_what_is_left_counts_from_the_begin(written: Written, at: Callable[[float], History], tmp_path: Path) -> None:
    """What waits in a queue has all of its usual time before it."""
    write_samples(Places(tmp_path).samples("nightly"), Samples({"load": [10.0]}, {}))
    run = written(tasks=[task("load")], queues=["process"])
    run.move(0, "load", S.PENDING, S.RUNNING)
    waiting, running = at(6), at(9)
    waiting.refresh()
    assert waiting.run(ID).remaining_seconds == 10

    begin(run, 7, "load")
    running.refresh()
    assert running.run(ID).remaining_seconds == 8
