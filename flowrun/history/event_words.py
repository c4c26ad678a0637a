"""Events of a run in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..eventbus.execution import FOUND_IN_WORDS
from .rows import EventRow

_WORDS = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "DEFAULTED": "was held back",
    "ABORTED": "was stopped",
    "SKIP": "is left out",
    "PENDING": "waits",
}

_ANSWERS = {"timed out": "not answered in time"}


def in_words(event: EventRow) -> str:
    """What happened, as a sentence without its time."""
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
