"""The history of a run that was cut off, and of one that was continued."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import AttemptLookedFor, Found
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.reader import History

from .conftest import BEGAN, Written, failed, task


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
