"""EventBus: put once; every subscriber sees it, in order, at its own pace."""

from __future__ import annotations

from collections.abc import Callable

from .event import SerializableEvent

Hear = Callable[[SerializableEvent], None]


class EventBus:
    """Carries events to subscribers. `put` calls each of them; one that may be slow keeps a queue of its own."""

    def __init__(self, passed: Callable[[SerializableEvent], SerializableEvent] | None = None) -> None:
        """`passed` gives what subscribers hear in place of an event: without secrets."""
        self._passed = passed
        self._ears: list[tuple[type[SerializableEvent], Hear]] = []
        self._hearing: dict[type[SerializableEvent], tuple[Hear, ...]] = {}
        """Who hears events of exactly this class."""

    def subscribe(self, kind: type[SerializableEvent], hear: Hear) -> None:
        """Have `hear` called with every event of this kind. It must neither block nor raise."""
        self._ears.append((kind, hear))
        self._hearing.clear()

    def put(self, event: SerializableEvent) -> None:
        """Tell every subscriber of this kind of event."""
        if self._passed is not None:
            event = self._passed(event)
        cls = type(event)
        hearing = self._hearing.get(cls)
        if hearing is None:
            hearing = self._hearing[cls] = tuple(hear for kind, hear in self._ears if issubclass(cls, kind))
        for hear in hearing:
            hear(event)
