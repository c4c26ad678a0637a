"""Who hears the events of a run, and writes about them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from flowrun.attempt import Outcome
from flowrun.cli.listener import Listener, debug_line
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


def test_a_debug_line_names_both_states() -> None:
    """Task, from, to. FM-05"""
    assert debug_line(moved("a", S.INIT, S.PENDING)) == "2026-11-21T02:00:00.000+00:00 a: INIT -> PENDING"


def test_a_batch_is_written_at_once_and_nothing_is_left() -> None:
    """Lines wait for the end of the batch that brought them, and for no other event."""
    written: list[str] = []
    listener = Listener(lambda e: name if (name := getattr(e, "name", "")) != "quiet" else "", written.append)

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
