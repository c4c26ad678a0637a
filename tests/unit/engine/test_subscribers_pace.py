"""Subscribers: intervals, and parts that are slower than what is told them."""

from __future__ import annotations

import asyncio
import threading
from typing import ClassVar

from flowrun.engine.subscribers import Subscribers
from flowrun.eventbus.execution import ExecutionState

from .recorders import (
    BIG,
    LineTaker,
    Lossless,
    RecordingExtension,
    messages,
    moved,
    recording,
    run,
    said,
    said_lines,
    subscribers,
)


def test_an_interval_holds_events_back_until_it_is_over_or_the_job_ends() -> None:
    """With a long interval the second event is handed over when the job ends (FM-31)."""
    slow, held_back = recording()
    prompt, recorder = recording(RecordingExtension)
    many = subscribers(slow, prompt, interval=3600.0)

    async def scenario() -> list[str]:
        await many.open(False)
        many.hear(said("one"))
        await held_back.heard()
        many.hear(said("two"))
        many.hear(moved())
        await recorder.heard()
        before = messages(held_back)
        await many.close("success")
        return before

    before = asyncio.run(scenario())

    assert before == ["one"]
    assert messages(held_back) == ["one", "two"]


class Impatient(RecordingExtension):
    hears_within_seconds: ClassVar[float] = 0.0


def test_a_component_may_hear_sooner_than_the_interval() -> None:
    """Others wait for what it hears."""
    part, recorder = recording(Impatient)
    many = Subscribers(
        {}, {"e": part}, job_name="nightly", loggers_interval_seconds=3600.0, extensions_interval_seconds=3600.0
    )

    async def scenario() -> int:
        await many.open(False)
        for state in (ExecutionState.RUNNING, ExecutionState.COMPLETED):
            many.hear(moved(state))
            await recorder.heard()
        before = len(recorder.events)
        await many.close("success")
        return before

    assert asyncio.run(scenario()) == 2


def test_a_heavy_backlog_does_not_wait_for_the_interval() -> None:
    """More than a few megabytes are handed over at once, whatever the interval."""
    part, recorder = recording(LineTaker)

    async def scenario() -> None:
        many = subscribers(part, interval=3600.0)
        await many.open(False)
        many.hear(said("one"))
        await recorder.heard()
        many.hear(said_lines(BIG))
        await recorder.heard()
        await many.close("success")

    asyncio.run(scenario())

    assert len(recorder.events) == 2


def test_lines_past_the_limit_are_dropped_and_counted() -> None:
    """A logger that may lose lines never holds much more than 64 MiB (G10)."""
    release = threading.Event()
    part, recorder = recording(LineTaker, update=lambda: release.wait() and None)
    many = subscribers(part)

    async def scenario() -> None:
        await many.open(False)
        for _ in range(3):
            many.hear(said_lines(BIG))
        many.hear(said_lines("four\nlost\nlines\nhere"))
        release.set()
        await many.close("success")

    asyncio.run(scenario())

    assert len(recorder.events) == 3
    assert many.notices == ["logger 'l0' (LineTaker) dropped 4 lines: it was too slow"]


def test_a_slow_part_loses_what_it_has_not_heard_in_time() -> None:
    """When the job is over, a logger that may lose lines gets the patience for the rest, and no more."""

    async def pause() -> None:
        await asyncio.sleep(0.06)

    part, recorder = recording(update=lambda: pause())
    many = subscribers(part, patience=0.2)

    asyncio.run(run(many, said_lines("\n".join(map(str, range(50)))), said("last")))

    heard = len(messages(recorder))
    assert many.notices == [f"logger 'l0' (RecordingLogger) dropped {51 - heard} lines: it was too slow"]
    assert recorder.calls[-2:] == ["on_success", "on_destroy"]


def test_whoever_may_lose_nothing_makes_tasks_wait() -> None:
    """A lossless logger that is more than 64 MiB behind is full until it has caught up (G10)."""
    release = threading.Event()
    part, recorder = recording(Lossless, update=lambda: release.wait() and None)
    many = subscribers(part)

    async def scenario() -> list[bool]:
        await many.open(False)
        full = []
        for _ in range(4):
            full.append(many.is_full)
            many.hear(said_lines(BIG))
        full.append(many.is_full)
        waiting = asyncio.gather(many.wait_for_room(), many.wait_for_room())
        release.set()
        await waiting
        full.append(many.is_full)
        await many.close("success")
        return full

    assert asyncio.run(scenario()) == [False, False, False, True, True, False]
    assert len(recorder.events) == 4
    assert many.notices == []
