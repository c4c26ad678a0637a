"""Backlog: bounded for those who may lose lines, and honest about what was lost."""

from __future__ import annotations

import pytest

from flowrun.engine.backlog import LIMIT_BYTES, Backlog
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition
from flowrun.eventbus.log import LogEndEvent, LogLinesEvent, LogWriteEvent, Severity

TOO_MUCH = LogLinesEvent(name="a", severity=Severity.INFO, lines="x" * LIMIT_BYTES)
LINE = LogWriteEvent(name="a", severity=Severity.INFO, message="one")
LINES = LogLinesEvent(name="a", severity=Severity.INFO, lines="one\ntwo\nthree")
MOVE = ExecutionStateTransition(name="a", from_state=ExecutionState.PENDING, to_state=ExecutionState.RUNNING)


def test_events_come_out_in_order() -> None:
    """First in, first out."""
    backlog = Backlog(is_lossless=False)
    for event in (LINE, LINES, MOVE):
        backlog.put(event)

    assert [backlog.take() for _ in range(len(backlog))] == [LINE, LINES, MOVE]


def test_an_event_is_held_until_it_is_done() -> None:
    """What is being handed over still takes memory."""
    backlog = Backlog(is_lossless=False)
    backlog.put(LINES)
    before = backlog.held_bytes

    event = backlog.take()
    while_under_way = backlog.held_bytes
    backlog.done(event)

    assert before == while_under_way > len(LINES.lines)
    assert backlog.held_bytes == 0


@pytest.mark.parametrize(("event", "lost"), [(LINE, 1), (LINES, 3), (MOVE, 1), (LogEndEvent(name="a"), 0)])
@pytest.mark.parametrize("is_lossless", [True, False])
def test_over_the_limit_lines_are_dropped_and_counted(event: SerializableEvent, lost: int, is_lossless: bool) -> None:
    """Unless nothing may be lost (G10)."""
    backlog = Backlog(is_lossless=is_lossless)
    backlog.put(TOO_MUCH)

    backlog.put(event)

    assert len(backlog) == (2 if is_lossless else 1)
    assert backlog.dropped == (0 if is_lossless else lost)


def test_what_is_given_up_is_counted() -> None:
    """Everything that waits, and the rest of what was being handed over."""
    backlog = Backlog(is_lossless=False)
    backlog.put(LINE)
    backlog.put(LINES)

    backlog.give_up(under_way=2)

    assert len(backlog) == 0
    assert backlog.dropped == 6
