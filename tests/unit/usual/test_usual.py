"""Usual: what is known of a task by its name."""

from __future__ import annotations

import pytest

from flowrun.usual import Usual
from flowrun.usual.words import about, is_worth_saying, left

USUAL = Usual({"load": 12.0, "etl/each": 4.0}, {"etl/each": 0.5}, 8.0)


def test_an_item_is_known_by_its_task() -> None:
    """Also one whose key has brackets; of a task that is not known, and of its items, nothing is."""
    assert USUAL.of("load") == 12.0
    assert USUAL.of("etl/each") == 4.0
    assert USUAL.of("etl/each[a[1]]") == 0.5
    assert USUAL.of("other") is None
    assert USUAL.of("load[eu]") is None


def test_what_is_not_known_is_taken_for_what_tasks_of_the_job_take() -> None:
    assert (USUAL.guess("other"), USUAL.guess("load")) == (8.0, 12.0)
    assert bool(USUAL)
    assert not Usual()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 1 s"),
        (19.4, "about 19 s"),
        (33.0, "about 35 s"),
        (97.0, "about 95 s"),
        (98.0, "about 2 min"),
        (3400.0, "about 57 min"),
        (3600.0, "about 1 h"),
        (4500.0, "about 1 h 15 min"),
        (9000.0, "about 2 h 30 min"),
    ],
)
def test_an_estimate_is_told_no_more_exactly_than_it_is(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_nothing_is_said_where_nothing_is_known() -> None:
    """Nor of the last moment, nor of what is over at once."""
    assert (left(None), left(0.0), left(7.6)) == ("", "", "about 8 s left")
    assert [is_worth_saying(seconds) for seconds in (None, 0.4, 1.0)] == [False, False, True]
