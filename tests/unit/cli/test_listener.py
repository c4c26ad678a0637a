"""What is written about transitions while a job runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from flowrun.attempt import Outcome, Reason
from flowrun.cli.listener import EventLines, Listener, debug_line
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition

S = ExecutionState
START = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)


def moved(
    name: str, before: S, after: S, seconds: float = 0, attempt: int = 1, outcome: Outcome | None = None
) -> ExecutionStateTransition:
    """A transition so many seconds after the start."""
    at = START + timedelta(seconds=seconds)
    return ExecutionStateTransition(
        name=name, from_state=before, to_state=after, attempt=attempt, outcome=outcome, timestamp=at
    )


def lines_of(*transitions: ExecutionStateTransition) -> list[str]:
    """What is said about these."""
    lines = EventLines(lambda text, _colour: text)
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
        moved("load", S.RUNNING, S.PENDING, 3, outcome=failed),
        moved("load", S.PENDING, S.RUNNING, 5, attempt=2),
        moved("load", S.RUNNING, S.FAILED, 6, attempt=2, outcome=failed),
    )[1:] == [
        "2026-11-21T02:00:03Z retrying load after attempt 1 failed: ConnectionError: no route",
        "2026-11-21T02:00:05Z started load attempt 2, waited 2.0s",
        "2026-11-21T02:00:06Z failed load 6.0s: ConnectionError: no route",
    ]


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


def test_a_debug_line_names_both_states() -> None:
    """Task, from, to. FM-05"""
    assert debug_line(moved("a", S.INIT, S.PENDING)) == "2026-11-21T02:00:00.000+00:00 a: INIT -> PENDING"


def test_a_batch_is_written_at_once_and_nothing_is_left() -> None:
    """Lines wait for the end of the batch that brought them, and for no other event."""
    written: list[str] = []
    listener = Listener(lambda e: e.name if e.name != "quiet" else "", written.append)

    async def hear() -> None:
        for name in ("a", "quiet", "b"):
            await listener.update(moved(name, S.INIT, S.PENDING))
        assert written == []
        await asyncio.sleep(0)
        assert written == ["a\nb"]
        await listener.update(moved("c", S.INIT, S.PENDING))
        await listener.on_destroy()

    asyncio.run(hear())

    assert written == ["a\nb", "c"]
