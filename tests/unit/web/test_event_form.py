"""Events in the form of the API."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.history.rows import EventKind, EventRow
from flowrun.web.event_form import event_body


@pytest.mark.parametrize(
    ("kind", "detail", "text"),
    [
        (
            "moved",
            {"from": "PENDING", "to": "RUNNING", "attempt": 1, "may_be_under_way": True},
            "load is looked for: attempt 1 may still be under way",
        ),
        ("search", {"attempt": 1, "found": "under way"}, "load: attempt 1 was found again, it went on"),
        ("search", {"attempt": 1, "found": "begun again"}, "load: attempt 1 was not found, it begins again"),
        ("search", {"attempt": 1, "found": "of a later version"}, "load: attempt 1 was looked for"),
    ],
)
def test_an_attempt_that_was_looked_for_is_not_told_as_started(
    kind: EventKind, detail: dict[str, Any], text: str
) -> None:
    """What a restart does with it, and what it has found."""
    assert event_body(EventRow(7, "7f3a0001", 0.0, kind, "load", detail))["text"] == text
