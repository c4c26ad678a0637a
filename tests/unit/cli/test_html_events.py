"""The events in the HTML report."""

from __future__ import annotations

from typing import cast

from flowrun.cli.html_events import events
from flowrun.history.reader import History
from flowrun.history.rows import EventRow


class Told:
    """A history of one run in which notices were given."""

    def __init__(self, number: int) -> None:
        self._number = number

    def last_events(self, run: str, limit: int) -> tuple[list[EventRow], int]:
        """The notices with the highest numbers."""
        seqs = range(max(self._number - limit, 0), self._number)
        rows = [EventRow(seq, run, seq, "notice", "", {"executor": "<e>", "message": f"{seq}"}) for seq in seqs]
        return rows, self._number - len(rows)


def told(number: int) -> str:
    """What the page says of so many events."""
    return events(cast(History, Told(number)), "7f3a0001")


def test_of_very_many_events_the_last_are_shown() -> None:
    """And how many were left out; what is said in them is text."""
    page = told(1234)

    assert page.count("<tr><td>") == 500
    assert "<p>734 earlier events are left out.</p>" in page
    assert "<td>&lt;e&gt;: 1233</td>" in page
    assert "<summary>500 of 1,234</summary>" in page


def test_few_events_are_all_shown() -> None:
    """Of none there is no section."""
    assert "left out" not in told(500)
    assert told(0) == ""
