"""Backlog: what a part has not heard yet. One thread puts, another takes; neither waits for the other."""

from __future__ import annotations

import sys
from collections import deque

from ..eventbus.event import SerializableEvent
from ..eventbus.execution import TransitionsEvent
from ..eventbus.log import LogLinesEvent, LogWriteEvent, SerializableLogEvent

LIMIT_BYTES = 64 << 20
"""More than this is not kept for a part that is too slow."""
HEAVY_BYTES = 4 << 20
"""From here on the part is fed at once, whatever its interval."""
_EVENT_BYTES = 400
"""About what an event takes besides its text."""


class Backlog:
    """A queue of events that knows how much memory it holds.

    Each counter is written by one thread only, so no lock is needed.
    """

    def __init__(self, *, is_lossless: bool) -> None:
        self.is_lossless = is_lossless
        self._events: deque[SerializableEvent] = deque()
        self._put_bytes = 0
        self._done_bytes = 0
        self._refused = 0
        self._given_up = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def held_bytes(self) -> int:
        """What was put and is not done yet."""
        return self._put_bytes - self._done_bytes

    @property
    def dropped(self) -> int:
        """Number of lines (of a logger) or transitions that nobody will hear."""
        return self._refused + self._given_up

    def put(self, event: SerializableEvent) -> None:
        """Keep an event; over the limit it is dropped and counted, unless nothing may be lost."""
        if self.held_bytes > LIMIT_BYTES and not self.is_lossless:
            self._refused += lines_in(event)
            return
        self._put_bytes += _weight(event)
        self._events.append(event)

    def take(self) -> SerializableEvent:
        """The oldest event. It counts as held until it is `done`."""
        return self._events.popleft()

    def done(self, event: SerializableEvent) -> None:
        """The event has been heard."""
        self._done_bytes += _weight(event)

    def give_up(self, under_way: int = 0) -> None:
        """Drop and count everything, and so many lines of the event that is being handed over."""
        self._given_up += under_way
        while self._events:
            self._given_up += lines_in(self._events.popleft())

    def clear(self) -> None:
        """Drop everything, uncounted: nobody will hear anything more."""
        self._events.clear()


def _weight(event: SerializableEvent) -> int:
    if isinstance(event, LogLinesEvent):
        return _EVENT_BYTES + sys.getsizeof(event.lines)
    if isinstance(event, LogWriteEvent):
        return _EVENT_BYTES + sys.getsizeof(event.message)
    if isinstance(event, TransitionsEvent):
        return _EVENT_BYTES * len(event.moves)
    return _EVENT_BYTES


def lines_in(event: SerializableEvent) -> int:
    """How many lines are lost with a log event; a transition counts as one."""
    if isinstance(event, LogLinesEvent):
        return event.lines.count("\n") + 1
    if isinstance(event, TransitionsEvent):
        return len(event.moves)
    return int(isinstance(event, LogWriteEvent) or not isinstance(event, SerializableLogEvent))
