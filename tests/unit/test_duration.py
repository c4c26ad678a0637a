"""Durations as a person reads them."""

from __future__ import annotations

import pytest

from flowrun.duration import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0s"),
        (0.04, "0.0s"),
        (12.44, "12.4s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (161, "2m 41s"),
        (11100, "3h 05m"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, words: str) -> None:
    """Tenths of a second below a minute, then minutes and seconds, then hours and minutes."""
    assert duration(seconds) == words
