"""Outlook: what the live block says of the time that tasks take."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flowrun.eventbus.execution import ApprovalEvent, AttemptBegun, ExecutionStateTransition, ItemsFound
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.progress import ProgressEvent
from flowrun.extensions.background import Background
from flowrun.extensions.board import Board
from flowrun.extensions.outlook import Outlook
from flowrun.extensions.rows import Rows
from flowrun.jobdefinition.task_definition import TaskDefinition
from flowrun.usual import Usual

START = datetime(2026, 11, 21, 13, 0, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Seen:
    """A board of tasks written as `load <- extract`, each of which began to wait at the start."""

    def __init__(
        self, *lines: str, usual: Usual | None = None, more: dict[str, Any] | None = None, **known: Any
    ) -> None:
        needs = {name: tuple(named.split()) for name, _, named in (line.partition(" <- ") for line in lines)}
        tasks = {name: TaskDefinition.model_validate({"task": "T", **(more or {}).get(name, {})}) for name in needs}
        read = None if usual is None else lambda: usual
        self.board = Board(Background(tasks, needs, needs=needs, usual=read, **known))
        self.outlook = Outlook(self.board)
        self.rows = Rows(self.board)
        for name in needs:
            self.move(0, name, S.INIT, S.PENDING)

    def move(self, at: float, name: str, before: S, to: S) -> None:
        self.board.note(ExecutionStateTransition(name=name, from_state=before, to_state=to, timestamp=after(at)))

    def start(self, at: float, name: str) -> None:
        self.move(at, name, S.PENDING, S.RUNNING)

    def left(self, at: float) -> float | None:
        return Outlook(self.board).remaining_seconds(after(at))

    def running(self, at: float) -> list[str]:
        return [row.rest for row in self.rows.under_way(after(at))]


def test_a_running_task_is_shown_with_its_usual_time() -> None:
    """One that is not known, or short, without."""
    seen = Seen("load", "new", "short", usual=Usual({"load": 57.6, "short": 0.3}, {}, 1.0))
    for name in ("load", "new", "short"):
        seen.start(0, name)

    assert seen.running(41) == ["0:41   usual 0:58", "0:41", "0:41"]


def test_the_rest_of_the_job_is_estimated_along_its_longest_way() -> None:
    """What has ended takes nothing; what is not known, what the tasks of this job take."""
    seen = Seen("a", "b <- a", "new <- b", usual=Usual({"a": 10.0, "b": 4.0}, {}, 7.0), slots=2)
    seen.start(0, "a")

    assert seen.left(3) == 18
    assert seen.rows.left(after(3)) == "about 18 s left"
    seen.move(9, "a", S.RUNNING, S.COMPLETED)
    seen.start(9, "b")
    assert seen.left(9) == 11


def test_on_a_first_run_nothing_is_invented() -> None:
    """Neither a usual time nor what is left."""
    seen = Seen("a", "b <- a")
    seen.start(0, "a")

    assert seen.running(5) == ["0:05"]
    assert (seen.left(5), seen.rows.left(after(5))) == (None, "")


def test_what_will_not_be_performed_takes_nothing() -> None:
    """What is left out, and what only follows a failure."""
    usual = Usual({"a": 10.0, "b": 40.0, "alert": 50.0}, {}, 1.0)
    seen = Seen("a", "b <- a", "alert <- a", usual=usual, skipped={"b"}, more={"alert": {"run_if": "failure"}})
    seen.start(0, "a")

    assert seen.left(0) == 10


def test_slots_of_the_job_and_of_pools_hold_tasks_back() -> None:
    """CF-60: twice as many tasks as slots take twice as long."""
    usual = Usual(dict.fromkeys("abcd", 6.0), {}, 6.0)
    pooled = {name: {"pool": "db"} for name in "abc"}

    assert Seen("a", "b", "c", "d", usual=usual, slots=2).left(0) == 12
    assert Seen("a", "b", "c", "d", usual=usual, pools={"db": 1}, more=pooled).left(0) == 18


def test_items_are_estimated_by_those_that_have_ended() -> None:
    """CF-60: also in a first run."""
    seen = Seen("each", more={"each": {"foreach": list(range(10))}})
    seen.start(0, "each")
    seen.board.open(ItemsFound(name="each", items=10, timestamp=START))
    assert seen.left(1) is None
    for number in range(4):
        seen.start(2 * number, f"each[{number}]")
        seen.move(2 * number + 2, f"each[{number}]", S.RUNNING, S.COMPLETED)

    assert seen.left(8) == 12


def test_a_task_that_says_how_far_it_is_tells_what_is_left() -> None:
    """Also in a first run."""
    seen = Seen("load")
    seen.start(0, "load")
    seen.board.advance(ProgressEvent(name="load", done=1, total=4, timestamp=after(5)))

    assert seen.left(5) == 15


def test_of_a_large_job_it_is_estimated_seldom() -> None:
    """In between the time that has passed is taken off."""
    names = [f"t{number}" for number in range(8000)]
    seen = Seen(*names, usual=Usual(dict.fromkeys(names, 1.0), {}, 1.0), slots=1)

    assert seen.outlook.remaining_seconds(START) == 8000
    seen.start(0, "t0")
    seen.move(1, "t0", S.RUNNING, S.COMPLETED)
    assert seen.outlook.remaining_seconds(after(3)) == 7997
    assert seen.outlook.remaining_seconds(after(4)) == 7999


def test_nobody_knows_how_long_a_person_takes() -> None:
    """CF-60: as long as a person is asked it is not said when the job will be over."""
    seen = Seen("load", "send <- load", usual=Usual({"load": 10.0, "send": 5.0}, {}, 1.0))
    seen.start(0, "load")
    asked = ApprovalEvent(name="send", run="7f3a", question="Go on?", since="2026-11-21T02:00:00+00:00")
    seen.board.ask(asked)
    assert seen.left(4) is None

    seen.board.ask(replace(asked, answer="approved"))
    assert seen.left(4) == 11


def test_the_clock_of_an_attempt_elsewhere_runs_from_its_begin() -> None:
    """Until then it waits for a worker, which is said; another worker that goes on with it changes nothing."""
    seen = Seen("far", "near", queued={"far"})
    seen.start(0, "far")
    seen.start(0, "near")
    assert seen.running(7) == ["0:07   waits for a worker", "0:07"]

    seen.board.begin(AttemptBegun(name="far", attempt=1, worker="w", timestamp=after(8)))
    seen.board.begin(AttemptBegun(name="far", attempt=1, worker="v", timestamp=after(9)))
    assert seen.running(11) == ["0:03", "0:11"]
    end = ExecutionStateTransition(name="far", from_state=S.RUNNING, to_state=S.COMPLETED, timestamp=after(12))
    seen.board.note(end)
    assert seen.board.seconds(end) == 4
