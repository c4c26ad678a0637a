"""The events in the HTML report: what happened, in order, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..history.event_words import in_words
from .html_text import text

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import EventRow

_MOST = 500
_MOST_CHARACTERS = 300


def events(history: History, run: str) -> str:
    """A row for each; of very many those that came last, folded up."""
    found, before = history.last_events(run, _MOST)
    if not found:
        return ""
    left_out = f"<p>{before:,} earlier events are left out.</p>" if before else ""
    rows = "".join(map(_row, found))
    heads = '<th scope="col">time</th><th scope="col">what happened</th>'
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        '<section aria-labelledby="events"><h2 id="events">Events</h2>'
        f"<details><summary>{len(found):,} of {before + len(found):,}</summary>{left_out}"
        f'<div class="wide">{table}</div></details></section>\n'
    )


def _row(event: EventRow) -> str:
    at = datetime.fromtimestamp(event.at, UTC).astimezone()
    time = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} {at:%Z}"
    return f"<tr><td>{time}</td><td>{text(in_words(event)[:_MOST_CHARACTERS])}</td></tr>"
