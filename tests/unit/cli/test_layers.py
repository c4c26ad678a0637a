"""Where the tasks of a graph stand when it is drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrun.cli.layers import Spot, layered


def names(columns: object) -> list[list[str]]:
    return [[spot.name for spot in column if spot.is_task] for column in columns]  # type: ignore[attr-defined]


def test_each_task_stands_after_what_it_depends_on() -> None:
    """In the first column where it can, near what stands before it."""
    needs = {"a": [], "b": [], "c": ["b"], "d": ["a"], "e": ["c", "d"]}

    assert names(layered(needs).columns) == [["a", "b"], ["d", "c"], ["e"]]


def test_a_long_line_has_a_place_in_each_column() -> None:
    """One for all lines from the same task."""
    found = layered({"a": [], "b": ["a"], "c": ["b", "a"], "d": ["c", "a"]})

    a, b, c, d = (Spot(name, column, is_task=True) for column, name in enumerate("abcd"))
    one, two = (Spot("a", column, is_task=False) for column in (1, 2))
    assert set(found.lines) == {(a, b), (b, c), (c, d), (a, one), (one, c), (one, two), (two, d)}
    assert [len(column) for column in found.columns] == [1, 2, 2, 1]


@given(st.lists(st.sets(st.integers(0, 20), max_size=4), max_size=20))
def test_every_line_goes_one_column_on(sets: list[set[int]]) -> None:
    """Whatever depends on what, in whatever order it is written."""
    needs = {str(n): [str(it) for it in some if it < n] for n, some in enumerate(sets)}
    found = layered(dict(reversed(needs.items())))

    spots = {spot for column in found.columns for spot in column}
    assert sorted(spot.name for spot in spots if spot.is_task) == sorted(needs)
    assert all(one.column + 1 == other.column and {one, other} <= spots for one, other in found.lines)


def test_nothing_stands_nowhere() -> None:
    assert layered({}) == ([], [])
