"""Resident: an attempt inside the runner's process leaves nothing behind, and only its first outcome counts."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path

from flowrun.attempt import Attempt, Outcome
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.log import LogLinesEvent, Severity
from flowrun.executors.executor import Workplace
from flowrun.executors.resident import Residence


class Told:
    """What the engine heard of an attempt."""

    def __init__(self) -> None:
        self.events: list[SerializableEvent] = []
        self.outcomes: list[Outcome] = []


ATTEMPT = Attempt("r", "j", "t", "V")


def test_only_the_first_outcome_counts() -> None:
    """A worker that was left behind may still end, and then speaks to nobody."""
    told = Told()

    async def play() -> None:
        residence = Residence(Workplace(Path()))
        resident = residence.admit(ATTEMPT, told.events.append, told.outcomes.append)
        spoken, _station = resident.equipped()
        spoken.write(Severity.INFO, "before\n")
        resident.finish(Outcome.aborted())
        resident.finish(Outcome.completed())
        spoken.write(Severity.INFO, "after\n")
        await asyncio.sleep(0)
        assert residence.find(ATTEMPT) is None

    asyncio.run(play())

    assert told.outcomes == [Outcome.aborted()]
    assert [event.lines for event in told.events if isinstance(event, LogLinesEvent)] == ["before"]


def test_a_message_comes_after_what_was_printed_before_it() -> None:
    """Also if that line has no end yet."""
    told = Told()

    async def play() -> None:
        resident = Residence(Workplace(Path())).admit(ATTEMPT, told.events.append, told.outcomes.append)
        spoken, station = resident.equipped()
        spoken.write(Severity.INFO, "printed")
        station.write(Severity.WARNING, "said")
        await asyncio.sleep(0)

    asyncio.run(play())

    assert [getattr(event, "lines", getattr(event, "message", "")) for event in told.events] == ["printed", "said"]


def test_an_attempt_that_has_ended_needs_no_garbage_collector() -> None:
    """Its objects hold each other in no circle: with very many attempts, finding circles takes longer than they do."""

    class Kept(Outcome):
        """An outcome to which there are weak references."""

    kept: list[weakref.ref[Outcome]] = []

    async def play() -> None:
        residence = Residence(Workplace(Path()))
        outcome = Kept.completed()
        kept.append(weakref.ref(outcome))
        resident = residence.admit(ATTEMPT, lambda _event: None, lambda _outcome: None)
        equipment = resident.equipped()
        resident.worker = (equipment, outcome)
        resident.finish(Outcome.completed())
        await asyncio.sleep(0)

    gc.disable()
    try:
        asyncio.run(play())
        assert kept[0]() is None
    finally:
        gc.enable()
