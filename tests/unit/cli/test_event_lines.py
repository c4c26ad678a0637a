"""What is said about the events of a run where there is no terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flowrun.attempt import Outcome, Reason
from flowrun.cli.event_lines import EventLines
from flowrun.eventbus.execution import (
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionState,
    ExecutionStateTransition,
    Found,
    ItemsFound,
    JobStopping,
    SerializableExecutionEvent,
)
from flowrun.extensions.background import Background
from flowrun.jobdefinition.task_definition import TaskDefinition

S = ExecutionState
TASKS: dict[str, dict[str, object]] = {
    "load": {"task": "T", "max_attempts": 3},
    "big": {"task": "T", "foreach": "${{ vars.days }}"},
    "etl": {"serial": {}},
}
START = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)


def moved(
    name: str,
    before: S,
    after: S,
    seconds: float = 0,
    attempt: int = 1,
    outcome: Outcome | None = None,
    pause_seconds: float = 0.0,
) -> ExecutionStateTransition:
    """A transition so many seconds after the start."""
    at = START + timedelta(seconds=seconds)
    return ExecutionStateTransition(
        name=name,
        from_state=before,
        to_state=after,
        attempt=attempt,
        outcome=outcome,
        pause_seconds=pause_seconds,
        timestamp=at,
    )


def lines_of(*transitions: SerializableExecutionEvent) -> list[str]:
    """What is said about these, of tasks with three attempts."""
    job = {name: TaskDefinition.model_validate(keys) for name, keys in TASKS.items()}
    lines = EventLines(lambda text, _colour: text, Background(job))
    return [line for e in transitions if (line := lines.line(e))]


def test_a_task_that_completes() -> None:
    """Start and end with time stamps in UTC; considering a task is no news."""
    assert lines_of(
        moved("extract", S.INIT, S.PENDING),
        moved("extract", S.PENDING, S.RUNNING),
        moved("extract", S.RUNNING, S.COMPLETED, 12.4, outcome=Outcome.completed()),
    ) == ["2026-11-21T02:00:00Z started extract", "2026-11-21T02:00:12Z completed extract 12.4s"]


def test_a_task_that_needs_another_try_and_fails() -> None:
    """The reason of each failure, the pause, and the time from the first start to the last end."""
    failed = Outcome.failed("ConnectionError: no\nroute")

    assert lines_of(
        moved("load", S.PENDING, S.RUNNING, 0),
        moved("load", S.RUNNING, S.PENDING, 3, outcome=failed, pause_seconds=1.5),
        moved("load", S.PENDING, S.RUNNING, 5, attempt=2),
        moved("load", S.RUNNING, S.FAILED, 6, attempt=2, outcome=failed),
    )[1:] == [
        "2026-11-21T02:00:03Z retrying load in 1.5s: attempt 1 of 3 failed: ConnectionError: no route",
        "2026-11-21T02:00:05Z started load attempt 2 of 3, waited 2.0s",
        "2026-11-21T02:00:06Z failed load 6.0s, attempt 2 of 3: ConnectionError: no route",
    ]


def test_attempts_are_those_of_this_run() -> None:
    """As the ending counts them: in a run that is continued, the numbers of attempts go on."""
    assert [
        line.partition("Z ")[2]
        for line in lines_of(
            moved("load", S.PENDING, S.RUNNING, attempt=4),
            moved("load", S.RUNNING, S.PENDING, 1, attempt=4),
            moved("load", S.PENDING, S.RUNNING, 2, attempt=5),
            moved("load", S.RUNNING, S.COMPLETED, 3, attempt=5),
        )
    ] == [
        "started load",
        "retrying load in 0.0s: attempt 1 of 3 failed",
        "started load attempt 2 of 3, waited 1.0s",
        "completed load 3.0s, attempt 2 of 3",
    ]


def test_a_stop_says_that_it_was_heard() -> None:
    """How many tasks still run, for how long they may, and what another signal does."""

    def said(**facts: object) -> str:
        return lines_of(
            JobStopping(**{"why": "stopped", "running": 2, "grace_seconds": 8.0, "timestamp": START, **facts})
        )[0]

    assert said() == "2026-11-21T02:00:00Z stopping: 2 tasks run, for at most 8.0s more; another signal kills at once"
    assert "stopping (deadline): 1 task runs" in said(why="deadline", running=1)
    assert said(running=0).endswith("stopping: no task runs")
    assert said(grace_seconds=0).endswith("killing 2 tasks")


def test_tasks_that_do_not_run() -> None:
    """Kept, blocked, skipped and aborted have a word each."""
    assert [
        line.partition("Z ")[2]
        for line in lines_of(
            moved("a", S.INIT, S.COMPLETED, attempt=0),
            moved("b", S.PENDING, S.DEFAULTED, attempt=0),
            moved("c", S.PENDING, S.SKIP, attempt=0),
            moved("d", S.PENDING, S.ABORTED, attempt=0),
            moved("e", S.INIT, S.FAILED, attempt=0),
        )
    ] == ["kept a completed before", "blocked b", "skipped c", "aborted d", "failed e"]


def test_names_and_messages_are_made_harmless() -> None:
    """What tasks say about themselves reaches no terminal raw. O-05"""
    outcome = Outcome.failed("\x1b]0;pwned\x07" + "x" * 10_000, Reason.RAISED)

    (line,) = lines_of(moved("\x1b[2J", S.RUNNING, S.FAILED, outcome=outcome))

    assert "\x1b" not in line
    assert len(line) < 600


def said(*transitions: SerializableExecutionEvent) -> list[str]:
    """The lines without their time stamps."""
    return [line.partition("Z ")[2] for line in lines_of(*transitions)]


def item(number: int, to: S, outcome: Outcome | None = None) -> list[ExecutionStateTransition]:
    """An item that starts and ends a second later."""
    name = f"big[{number}]"
    return [moved(name, S.PENDING, S.RUNNING), moved(name, S.RUNNING, to, 1, outcome=outcome)]


def test_each_of_a_few_items_has_its_lines() -> None:
    """They are told of like tasks; their task says how many there are."""
    assert said(
        moved("big", S.PENDING, S.RUNNING, attempt=0),
        ItemsFound(name="big", items=2, kept=1, timestamp=START),
        *item(0, S.COMPLETED),
        moved("big", S.RUNNING, S.COMPLETED, 2, attempt=0),
    ) == [
        "started big: 2 items, 1 kept",
        "started big[0]",
        "completed big[0] 1.0s",
        "completed big 2.0s, 2 items",
    ]


def test_of_many_items_there_is_a_line_for_each_tenth() -> None:
    """And one for each that failed."""
    bad = Outcome.failed("ValueError: 7")
    lines = said(
        moved("big", S.PENDING, S.RUNNING, attempt=0),
        ItemsFound(name="big", items=100, timestamp=START),
        *[
            each
            for number in range(100)
            for each in item(number, *((S.FAILED, bad) if number == 7 else (S.COMPLETED,)))
        ],
        moved("big", S.RUNNING, S.FAILED, 2, attempt=0, outcome=Outcome.failed("1 of its 100 items did not complete")),
    )

    assert lines[:3] == [
        "started big: 100 items",
        "failed big[7] 1.0s: ValueError: 7",
        "running big: 10 of 100, 1 failed",
    ]
    assert lines[-2:] == [
        "running big: 90 of 100, 1 failed",
        "failed big 2.0s: 1 of its 100 items did not complete",
    ]
    assert len(lines) == 12


def test_a_group_has_a_line_when_it_has_ended() -> None:
    """It is no task that starts; one that never opened stands for its members."""
    held_back = Outcome.failed("'a' did not complete", Reason.NOT_STARTED)

    assert said(
        moved("etl", S.PENDING, S.RUNNING, attempt=0),
        moved("etl/x", S.PENDING, S.RUNNING),
        moved("etl/x", S.RUNNING, S.COMPLETED, 1),
        moved("etl", S.RUNNING, S.COMPLETED, 1, attempt=0),
    ) == ["started etl/x", "completed etl/x 1.0s", "completed etl 1.0s, group"]
    assert said(
        moved("etl", S.PENDING, S.DEFAULTED, attempt=0, outcome=held_back),
        moved("etl/x", S.PENDING, S.DEFAULTED, attempt=0, outcome=held_back),
    ) == ["blocked etl: 'a' did not complete"]


def looked_for(found: Found, name: str = "load", seconds: float = 1) -> list[SerializableExecutionEvent]:
    """An attempt of an earlier life of the run is looked for, and what becomes of it is known so many seconds later."""
    at = START + timedelta(seconds=seconds)
    return [
        replace(moved(name, S.PENDING, S.RUNNING), may_be_under_way=True),
        AttemptLookedFor(name=name, attempt=1, found=found, timestamp=at),
    ]


def test_an_attempt_that_went_on_without_its_run_does_not_start() -> None:
    """It is looked for, and found; how long it took is not told, because the run has not seen it begin."""
    assert said(*looked_for("under way"), moved("load", S.RUNNING, S.COMPLETED, 5)) == [
        "looking for load: attempt 1 may still be under way",
        "looked for load: found again, it went on (attempt 1)",
        "completed load",
    ]


def test_an_attempt_that_was_not_found_begins_again() -> None:
    """Its time is counted from then."""
    assert said(*looked_for("begun again"), moved("load", S.RUNNING, S.COMPLETED, 5))[1:] == [
        "looked for load: not found, it begins again (attempt 1)",
        "completed load 4.0s",
    ]


def test_the_time_of_an_attempt_elsewhere_counts_from_its_begin() -> None:
    """Until a worker began it, it has waited; that another one took over changes nothing."""
    begun = [
        AttemptBegun(name="load", attempt=1, worker=worker, timestamp=START + timedelta(seconds=seconds))
        for worker, seconds in (("w1", 3), ("w2", 4))
    ]

    lines = said(moved("load", S.PENDING, S.RUNNING), *begun, moved("load", S.RUNNING, S.COMPLETED, 5))

    assert lines == ["started load", "completed load 2.0s"]


def test_searches_of_many_items_are_not_told() -> None:
    """Each of few is."""
    lines = [
        said(
            moved("big", S.PENDING, S.RUNNING, attempt=0),
            ItemsFound(name="big", items=items, timestamp=START),
            *looked_for("ended", "big[0]"),
        )
        for items in (2, 100)
    ]

    assert lines[0][-1] == "looked for big[0]: found again, it had ended (attempt 1)"
    assert lines[1] == ["started big: 100 items"]


def test_a_question_names_the_command_that_answers() -> None:
    """And the answer says whose it is; a name that a shell would read is quoted."""
    asked = ApprovalEvent(name="a b", run="7f3a", question="Go\x1b?", since=START.isoformat(), timestamp=START)
    late = Outcome.failed("waits for an approval: Go?", Reason.NOT_STARTED)

    first, answered, timed_out, postponed = lines_of(
        asked,
        replace(asked, answer="rejected", by="anna", comment="not\ntoday"),
        replace(asked, answer="timed out"),
        moved("a b", S.PENDING, S.ABORTED, attempt=0, outcome=late),
    )

    assert first.startswith("2026-11-21T02:00:00Z waiting a b for an approval: Go")
    assert "\x1b" not in first
    assert first.endswith("flowrun approve 7f3a 'a b'")
    assert answered == "2026-11-21T02:00:00Z rejected a b by anna: not today"
    assert timed_out == "2026-11-21T02:00:00Z timed out a b"
    assert postponed == "2026-11-21T02:00:00Z postponed a b: waits for an approval: Go?"
