"""What happened, as a frozen value with one JSON form."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, field, fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, ClassVar, TypeVar

from ..dataclass import dataclass

T = TypeVar("T", bound="type[SerializableEvent]")

_classes: dict[tuple[str, str], type[SerializableEvent]] = {}


def now() -> datetime:
    """The current time with its zone, stored as UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SerializableEvent:
    """The base of all events. `job_name` says whose event it is, `timestamp` when it happened (UTC)."""

    group: ClassVar[str] = "Event"

    job_name: str | None = None
    timestamp: datetime = field(default_factory=now)

    @classmethod
    def event_group(cls) -> str:
        """The name under which events of this family travel."""
        return cls.group

    def body(self) -> dict[str, Any]:
        """The fields in their JSON form."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    def serialize(self) -> str:
        """The event as one line of JSON: `{"group": …, "event": …, "body": {…}}`."""
        return json.dumps({"group": self.group, "event": type(self).__name__, "body": self.body()})

    @staticmethod
    def deserialize(text: str) -> SerializableEvent:
        """The event that `serialize` wrote. Unknown fields are passed over; anything else is an `UnknownEvent`."""
        try:
            data = json.loads(text)
            cls = _classes[data["group"], data["event"]]
            return cls.from_body(data["body"])
        except (ValueError, KeyError, TypeError):
            return UnknownEvent(content=text)

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> SerializableEvent:
        """The event with these fields; raises KeyError or ValueError if one is missing or of a wrong form."""
        values = {}
        for f in fields(cls):
            if f.name in body:
                values[f.name] = _READERS.get(f.name, _as_is)(body[f.name])
            elif f.default is MISSING and f.default_factory is MISSING:
                raise KeyError(f.name)
        return cls(**values)


def serializable_event(cls: T) -> T:
    """Make a class of events known to `SerializableEvent.deserialize`."""
    if not (isinstance(cls, type) and issubclass(cls, SerializableEvent)):
        raise TypeError(f"@serializable_event needs a class that extends `SerializableEvent`: {cls!r}")
    _classes[cls.event_group(), cls.__name__] = cls
    return cls


def reads(name: str, reader: Callable[[Any], Any]) -> None:
    """Say how the JSON form of the field `name` becomes its value again."""
    _READERS[name] = reader


def _as_is(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value.body() if hasattr(value, "body") else value


_READERS: dict[str, Callable[[Any], Any]] = {"timestamp": lambda text: datetime.fromisoformat(text)}


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(SerializableEvent):
    """An event of a kind that this reader does not know."""

    group: ClassVar[str] = "UnknownEvent"

    content: str
