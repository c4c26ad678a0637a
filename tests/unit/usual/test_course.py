"""Course: how long the rest of a job takes."""

from __future__ import annotations

import pytest

from flowrun.usual import Usual
from flowrun.usual.course import ALL, Course, ItemsLeft, Rest, rest_of, rest_of_items

CHAIN = {"a": (), "b": ("a",), "c": (), "d": ("b", "c")}


def rests(**seconds: float) -> dict[str, Rest]:
    return {name: Rest(took, took) for name, took in seconds.items()}


def test_the_longest_way_decides_if_there_are_slots() -> None:
    """CF-60: what has ended takes nothing."""
    course = Course(CHAIN, {ALL: 4})

    assert course.remaining_seconds(rests(a=1, b=2, c=5, d=1)) == 6
    assert course.remaining_seconds(rests(b=2, d=1)) == 3
    assert course.remaining_seconds({}) == 0


def test_with_few_slots_the_work_decides() -> None:
    """Those of the job, and those of a pool."""
    alone = dict.fromkeys("abcd", ())

    assert Course(alone, {ALL: 2}).remaining_seconds(rests(a=3, b=3, c=3, d=3)) == 6
    assert (
        Course(alone, {ALL: 4, "pool db": 1}, {"a": ["pool db"], "b": ["pool db"]}).remaining_seconds(
            rests(a=3, b=3, c=3, d=3)
        )
        == 6
    )


def test_a_task_that_runs_longer_than_usual_is_about_to_end() -> None:
    """And of a job of which nothing is known, nothing is said."""
    usual = Usual({"a": 10.0}, {}, 4.0)

    assert rest_of(usual, "a", 3) == Rest(7, 7)
    assert rest_of(usual, "a", 30) == Rest(0, 0)
    assert rest_of(usual, "new", 0) == Rest(4, 4)
    assert rest_of(Usual(), "a", 0) is None


def test_a_task_that_says_how_far_it_is_is_believed_more_and_more() -> None:
    """CF-60: also in a first run, once a part of it is done."""
    usual = Usual({"a": 10.0}, {}, 4.0)

    assert rest_of(Usual(), "a", 2, 0.01) is None
    assert rest_of(Usual(), "a", 2, 0.25) == Rest(6, 6)
    assert rest_of(usual, "a", 2, 0.01) == Rest(8, 8)
    assert rest_of(usual, "a", 8, 0.5) == Rest(5, 5)
    assert rest_of(usual, "a", 8, 1.0) == Rest(0, 0)


def test_items_go_on_as_fast_as_until_now() -> None:
    """CF-60: those that run are half done; before as many have ended as run at once, nothing is said."""
    course = Course({"each": ()}, {ALL: 4})
    first = ItemsLeft(total=20, ended=1, running=4)
    wave = ItemsLeft(total=20, ended=8, running=4)

    assert rest_of_items(course, Usual(), "each", first, 1.0) is None
    assert rest_of_items(course, Usual(), "each", wave, 5.0) == Rest(5.0, 20.0)


def test_items_that_were_kept_tell_nothing_about_the_pace() -> None:
    course = Course({"each": ()})

    rest = rest_of_items(course, Usual(), "each", ItemsLeft(total=20, ended=12, kept=10, running=1), 5.0)

    assert rest == Rest(15.0, 15.0)


@pytest.mark.parametrize("width", [1, 3, 8])
@pytest.mark.parametrize("knows", [True, False])
def test_the_estimate_of_uniform_items_shrinks_to_nothing(width: int, knows: bool) -> None:
    """CF-60: and is always within a factor of 2; in a first run, where items are not known, half an item beside it."""
    total, one = 48, 2.0
    course = Course({"each": ()}, {ALL: width})
    usual = Usual({"each": total * one / width}, {"each": one}, one) if knows else Usual()
    whole, beside = total / width * one, 0.0 if knows else one / 2
    estimates = []
    for step in range(int(whole * 4)):
        at = step / 4
        ended = int(at / one) * width
        rest = rest_of_items(course, usual, "each", ItemsLeft(total, ended, 0, width), at)
        if rest is not None:
            left = course.remaining_seconds({"each": rest})
            assert (whole - at) / 2 - beside <= left <= (whole - at) * 2 + beside
            estimates.append(left)

    assert estimates[-1] <= one
    assert len(estimates) >= whole * 4 - (0 if knows else one * 4)


def test_a_limit_of_the_task_holds_back_its_items() -> None:
    course = Course({"each": ()}, {ALL: 8}, widths={"each": 2})
    usual = Usual({"each": 10.0}, {"each": 1.0}, 1.0)

    assert rest_of_items(course, usual, "each", ItemsLeft(20, 0), 0.0) == Rest(10.0, 20.0)
