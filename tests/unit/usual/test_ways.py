"""Ways: which tasks, one after the other, take longest."""

from __future__ import annotations

import pytest

from flowrun.usual.ways import lengths, longest_way


@pytest.mark.parametrize(
    ("needs", "seconds", "path"),
    [
        ({}, {}, []),
        ({"a": ()}, {"a": 1.0}, ["a"]),
        ({"a": (), "b": ("a",), "c": ("a",)}, {"a": 1.0, "b": 2.0, "c": 3.0}, ["a", "c"]),
        ({"a": (), "b": (), "c": ("a", "b")}, {"a": 1.0, "b": 2.0, "c": 0.0}, ["b", "c"]),
        ({"x": (), "g/a": ("x",), "g": ("x", "g/a"), "z": ("g",)}, {"x": 1.0, "g/a": 1.0, "z": 1.0}, ["x", "g/a", "z"]),
    ],
)
def test_the_critical_path_is_the_longest_way(needs, seconds, path) -> None:
    """AS-31: over measured durations, through groups."""
    assert longest_way(needs, seconds) == path


def test_a_chain_of_any_length_has_a_critical_path() -> None:
    names = [f"t{number}" for number in range(5000)]
    needs = {name: (names[number - 1],) if number else () for number, name in enumerate(names)}

    assert longest_way(needs, dict.fromkeys(names, 1.0)) == names


def test_the_length_of_a_way_is_the_sum_of_its_tasks() -> None:
    """A task of which nothing is left takes nothing, and those after it begin where it would have ended."""
    needs = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",)}

    assert lengths(needs, {"a": 1.0, "c": 2.0, "d": 4.0}) == {"a": 1.0, "b": 1.0, "d": 5.0, "c": 3.0}
