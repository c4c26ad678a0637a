"""Suggestions: the nearest name, at a bounded price."""

from __future__ import annotations

from flowrun.check.suggestions import MAX_COMPARISONS, Suggestions, listed


def test_the_nearest_of_several_names() -> None:
    """The name that looks most like it is found, and none where nothing is near."""
    suggestions = Suggestions()

    assert suggestions.nearest("frist", "task", ["first", "second", "fir"]) == "first"
    assert suggestions.nearest("zzz", "task", ["first", "second"]) is None
    assert suggestions.nearest("frist", "pool", ["fist"]) == "fist"


def test_a_file_full_of_mistakes_is_not_compared_for_ever() -> None:
    """When enough names were compared, later mistakes have no suggestion; those that were answered keep theirs."""
    suggestions = Suggestions()
    names = [f"task{number}" for number in range(MAX_COMPARISONS + 1)]

    assert suggestions.nearest("tsak1", "task", names) == "task1"
    assert suggestions.nearest("tsak2", "task", names) is None
    assert suggestions.nearest("tsak1", "task", names) == "task1"


def test_long_lists_are_cut() -> None:
    """A few names are written out and the rest counted."""
    assert listed(["a", "b"]) == "a, b"
    assert listed(map(str, range(20)), 3) == "0, 1, 2, and 17 more"
