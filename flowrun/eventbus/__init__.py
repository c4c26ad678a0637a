"""What happened: events and the bus that carries them."""

from .bus import EventBus
from .event import SerializableEvent, UnknownEvent, serializable_event

__all__ = ["EventBus", "SerializableEvent", "UnknownEvent", "serializable_event"]
