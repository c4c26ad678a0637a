"""Subscribers: loggers and extensions are opened, fed and closed."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest
from pydantic import PrivateAttr

from flowrun.eventbus.execution import ExecutionState
from flowrun.eventbus.log import LogEndEvent, LogLinesEvent, LogStartEvent, LogWriteEvent

from .recorders import (
    LineTaker,
    RecordingExtension,
    RecordingLogger,
    messages,
    moved,
    recording,
    run,
    said,
    said_lines,
    subscribers,
)


@pytest.mark.parametrize("ending", ["success", "failure", "abort"])
def test_the_hooks_of_a_part_come_in_order(ending: Literal["success", "failure", "abort"]) -> None:
    """on_create, every event, then the hook of the ending and on_destroy (FM-65, X-FM-06, X-01)."""
    part, recorder = recording()

    asyncio.run(run(subscribers(part), said("one"), said("two"), ending=ending))

    assert recorder.calls == ["on_create", "update", "update", f"on_{ending}", "on_destroy"]


def test_a_restart_is_told_after_on_create() -> None:
    """In a restart on_restart follows on_create (FM-65)."""
    part, recorder = recording()

    asyncio.run(run(subscribers(part), is_restart=True))

    assert recorder.calls == ["on_create", "on_restart", "on_success", "on_destroy"]


def test_extensions_are_created_before_loggers() -> None:
    """The order of creation is extensions, loggers (FM-65)."""
    order: list[str] = []
    logger, _ = recording(on_create=lambda: order.append("logger"))
    extension, _ = recording(RecordingExtension, on_create=lambda: order.append("extension"))

    asyncio.run(run(subscribers(logger, extension)))

    assert order == ["extension", "logger"]


def test_every_logger_hears_every_log_event_once() -> None:
    """Two loggers hear start, lines and end, in order (FM-77, FM-80)."""
    one, first = recording()
    other, second = recording()
    events = (LogStartEvent(name="load"), said("one"), LogEndEvent(name="load"))

    asyncio.run(run(subscribers(one, other), *events, moved()))

    kinds = [LogStartEvent, LogWriteEvent, LogEndEvent]
    assert [type(event) for event in first.events] == kinds
    assert [type(event) for event in second.events] == kinds


def test_extensions_hear_transitions_once_and_no_log_lines() -> None:
    """A custom extension hears every transition once (FM-81, FM-87)."""
    part, recorder = recording(RecordingExtension)
    transitions = [moved(), moved(ExecutionState.ABORTED)]

    asyncio.run(run(subscribers(part), said("one"), *transitions))

    assert [getattr(event, "to_state", None) for event in recorder.events] == [event.to_state for event in transitions]


def test_events_carry_the_name_of_the_job() -> None:
    """An event that does not say whose it is belongs to this job."""
    part, recorder = recording()

    asyncio.run(run(subscribers(part), said("one")))

    assert [event.job_name for event in recorder.events] == ["nightly"]


def test_lines_come_together_only_to_those_who_take_them() -> None:
    """A logger hears one event a line unless it says that it takes lines."""
    plain, one_by_one = recording()
    taker, together = recording(LineTaker)

    asyncio.run(run(subscribers(plain, taker), said_lines("a\nb\nc")))

    assert messages(one_by_one) == ["a", "b", "c"]
    assert [event.lines for event in together.events if isinstance(event, LogLinesEvent)] == ["a\nb\nc"]


class Telling(RecordingLogger):
    """A logger with something to say, that wants to know the job's name."""

    _job: str = PrivateAttr(default="")

    def introduce(self, job_name: str) -> None:
        self._job = job_name

    @property
    def notices(self) -> list[str]:
        return [f"lost 3 lines of {self._job}"]


def test_notices_of_a_part_are_passed_on() -> None:
    """A part says in `notices` what a person should know; `introduce` tells it the name of the job."""
    many = subscribers(Telling())

    asyncio.run(run(many))

    assert many.notices == ["logger 'l0' (Telling) lost 3 lines of nightly"]


def test_closing_without_opening_calls_nothing() -> None:
    """A job that never began has no last hooks."""
    part, recorder = recording()

    asyncio.run(subscribers(part).close("failure"))

    assert recorder.calls == []
