"""The output of each task stands together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from flowrun.cli.grouped_log import GroupedLog, under_title
from flowrun.eventbus.log import (
    LogEndEvent,
    LogLinesEvent,
    LogStartEvent,
    LogWriteEvent,
    SerializableLogEvent,
    Severity,
)

START = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)


def said_of(*events: SerializableLogEvent) -> list[str]:
    """What is written about these."""
    said: list[str] = []

    async def hear() -> None:
        log = GroupedLog(say=said.append, fold=under_title)
        await log.on_create()
        for event in events:
            await log.update(event)
        await log.on_destroy()

    asyncio.run(hear())
    return said


def line(task: str, text: str) -> LogLinesEvent:
    return LogLinesEvent(name=task, severity=Severity.INFO, lines=text)


def test_lines_of_tasks_at_the_same_time_are_not_mixed() -> None:
    """Each group is written when its task has ended."""
    assert said_of(
        LogStartEvent(name="a"),
        LogStartEvent(name="b"),
        line("a", "one\ntwo"),
        line("b", "other"),
        LogWriteEvent(name="a", severity=Severity.INFO, message="three"),
        LogEndEvent(name="b"),
        LogEndEvent(name="a"),
    ) == ["output of b\n  | other", "output of a\n  | one\n  | two\n  | three"]


def test_a_silent_task_has_no_group() -> None:
    """Its end is told elsewhere."""
    assert said_of(LogStartEvent(name="a"), LogEndEvent(name="a")) == []


def test_nothing_is_lost_at_the_end() -> None:
    """Neither of a task whose end was not heard, nor of one that says more than is kept."""
    assert said_of(line("a", "one")) == ["output of a\n  | one"]
    assert len(said_of(*[line("a", "x" * 100_000)] * 4)) == 2


def test_no_task_gives_commands_to_ci() -> None:
    """Its lines do not begin where theirs would, and control characters are written out. O-05"""
    assert said_of(line("a\n::error::x", "::error::x\n\x1b[2J")) == [
        "output of a ::error::x\n  | ::error::x\n  | \\x1b[2J"
    ]


def test_long_tasks_are_heard_of() -> None:
    """What they have said, or that they run; of many that say nothing the others are counted."""
    said: list[str] = []
    log = GroupedLog(say=said.append, fold=under_title)
    names = [f"load[{number}]" for number in range(30)]

    async def scenario() -> None:
        for name in names:
            await log.update(LogStartEvent(name=name, timestamp=START))
        await log.update(line("load[3]", "one"))
        log.tell(START + timedelta(seconds=12))

    asyncio.run(scenario())

    assert said[0] == "output of load[3], which has been running for 12.0s\n  | one"
    assert said[1] == "2026-11-21T02:00:12Z running load[0] 12.0s"
    assert said[-1] == "2026-11-21T02:00:12Z running and 19 more"
    assert len(said) == 12
