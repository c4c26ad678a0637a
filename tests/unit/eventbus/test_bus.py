"""The bus: every subscriber hears every event of its kind, without what is to be hidden."""

from __future__ import annotations

from dataclasses import replace

from flowrun.eventbus import EventBus, SerializableEvent
from flowrun.eventbus.log import LogStartEvent, LogWriteEvent, Severity


def test_a_subscriber_hears_events_of_its_kind_in_order() -> None:
    """And no others."""
    bus, heard = EventBus(), list[SerializableEvent]()
    bus.subscribe(LogStartEvent, heard.append)

    bus.put(LogStartEvent(name="a"))
    bus.put(LogWriteEvent(name="a", severity=Severity.INFO, message="x"))
    bus.put(LogStartEvent(name="b"))

    assert [event.name for event in heard if isinstance(event, LogStartEvent)] == ["a", "b"]
    assert len(heard) == 2


def test_subscribers_hear_what_is_passed_on() -> None:
    """D-09: nobody can subscribe to secrets."""
    heard: list[SerializableEvent] = []
    bus = EventBus(lambda event: replace(event, message="***"))
    bus.subscribe(SerializableEvent, heard.append)

    bus.put(LogWriteEvent(name="a", severity=Severity.INFO, message="secret"))

    [event] = heard
    assert isinstance(event, LogWriteEvent)
    assert event.message == "***"
