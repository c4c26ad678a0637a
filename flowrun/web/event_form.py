"""The JSON form of an event, with a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from ..eventbus.execution import FOUND_IN_WORDS
from ..history.rows import EventRow, iso

_KINDS = {"moved": "transition", "started": "run", "ended": "run"}
_WORDS = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "DEFAULTED": "was held back",
    "ABORTED": "was stopped",
    "SKIP": "is left out",
    "PENDING": "waits",
}

_ANSWERS = {"timed out": "not answered in time"}

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
        "text": _text(event),
    }


def _text(event: EventRow) -> str:
    detail = event.detail
    match event.kind:
        case "moved":
            return _move(event)
        case "waiting":
            return f"{event.task} waits for {detail.get('what', '')}"
        case "search":
            found = FOUND_IN_WORDS.get(detail.get("found", ""), "looked for")
            return f"{event.task}: attempt {detail.get('attempt', 0)} was {found}"
        case "begun":
            by = f" by {detail['worker']}" if detail.get("worker") else ""
            return f"{event.task}: attempt {detail.get('attempt', 0)} was begun{by}"
        case "approval":
            return f"{event.task} {_approval(detail)}"
        case "items":
            kept = f", {detail['kept']} of them kept" if detail.get("kept") else ""
            return f"{event.task} has {detail.get('items', 0)} items{kept}"
        case "notice":
            return f"{detail.get('executor', '')}: {detail.get('message', '')}"
        case "stopping":
            return f"the job ends early: {detail.get('why', '')}"
        case "started":
            return "the run started"
        case _:
            return "the run ended"


def _approval(detail: Mapping[str, Any]) -> str:
    said = detail.get("answer")
    if not said:
        return f"waits for an approval: {detail.get('question', '')}"
    by, comment = detail.get("by"), detail.get("comment")
    return f"was {_ANSWERS.get(said, said)}{f' by {by}' if by else ''}{f': {comment}' if comment else ''}"


def _move(event: EventRow) -> str:
    detail = event.detail
    to, attempt = str(detail.get("to", "")), detail.get("attempt") or 0
    said = f": {detail['message']}" if detail.get("message") else ""
    if to == "RUNNING" and detail.get("may_be_under_way"):
        return f"{event.task} is looked for: attempt {attempt} may still be under way"
    if to == "RUNNING":
        return f"{event.task} started" + (f", attempt {attempt}" if attempt > 1 else "")
    if to == "PENDING" and detail.get("from") == "RUNNING":
        return f"{event.task} failed in attempt {attempt} and is tried again{said}"
    return f"{event.task} {_WORDS.get(to, to.lower())}{said}"
