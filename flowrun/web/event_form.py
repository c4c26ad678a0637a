"""The JSON form of an event, with a sentence for people."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from ..history.event_words import in_words
from ..history.rows import EventRow
from ..iso_time import iso

_KINDS = {"moved": "transition", "started": "run", "ended": "run"}

EventBody = TypedDict(
    "EventBody",
    {
        "seq": int,
        "time": str | None,
        "kind": str,
        "task": str,
        "attempt": int | None,
        "from": str | None,
        "to": str | None,
        "detail": dict[str, Any],
        "text": str,
    },
)
"""Something that happened.

`kind` is `transition`, `waiting`, `items`, `search`, `begun`, `approval`, `notice`, `stopping`, or `run`.
"""


class EventPage(TypedDict):
    """Some events in order. `next` is where to go on; null: there are no more now."""

    items: list[EventBody]
    next: int | None


def event_body(event: EventRow) -> EventBody:
    """One event."""
    return {
        "seq": event.seq,
        "time": iso(event.at),
        "kind": _KINDS.get(event.kind, event.kind),
        "task": event.task,
        "attempt": event.detail.get("attempt"),
        "from": event.detail.get("from"),
        "to": event.detail.get("to"),
        "detail": dict(event.detail),
        "text": in_words(event),
    }
