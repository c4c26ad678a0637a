"""Matrix: products of axes, with `include` and `exclude`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import ItemsError
from flowrun.items import Items, items_of, refuse_literals
from flowrun.jobdefinition.task_definition import TaskDefinition


def task(matrix: Any) -> TaskDefinition:
    return TaskDefinition.model_validate({"task": "A", "matrix": matrix})


def items(matrix: Any) -> Items:
    return items_of(task(matrix), matrix, root=Path())


def test_every_combination() -> None:
    """In the order of the axes, the last one changing first."""
    found = items({"os": ["linux", "mac"], "python": [3.11, 3.12]})

    assert list(found.keys()) == ["linux,3.11", "linux,3.12", "mac,3.11", "mac,3.12"]
    assert found.item(2) == {"os": "mac", "python": 3.11}


def test_exclude_takes_out_what_it_matches() -> None:
    """An entry may name some of the axes; true is not 1."""
    axes = {"os": ["linux", "mac"], "debug": [True, 1]}

    assert list(items({**axes, "exclude": [{"os": "mac"}]}).keys()) == ["linux,true", "linux,1"]
    assert list(items({**axes, "exclude": [{"debug": 1}]}).keys()) == ["linux,true", "mac,true"]


def test_include_adds_values_and_combinations() -> None:
    """The example of GitHub's own documentation gives what is written there."""
    found = items(
        {
            "fruit": ["apple", "pear"],
            "animal": ["cat", "dog"],
            "include": [
                {"color": "green"},
                {"color": "pink", "animal": "cat"},
                {"fruit": "apple", "shape": "circle"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        }
    )

    assert list(found) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_include_alone() -> None:
    """Without axes each entry is a combination; what is excluded may come back by `include`."""
    assert list(items({"include": [{"site": "a"}, {"site": "b"}]})) == [{"site": "a"}, {"site": "b"}]
    assert list(items({"x": [1], "exclude": [{"x": 1}], "include": [{"x": 1}]})) == [{"x": 1}]


def test_an_axis_without_values_leaves_nothing() -> None:
    """As `foreach: []` does."""
    assert list(items({"os": [], "python": [3]})) == []


def test_combinations_that_cannot_be_written_are_counted() -> None:
    """Keys stay different when values have parts, or are the same."""
    assert list(items({"x": [{"a": 1}, {"a": 2}]}).keys()) == ["1", "2"]
    assert list(items({"x": ["1", 1]}).keys()) == ["1", "1#2"]


@pytest.mark.parametrize(
    ("matrix", "message", "steps"),
    [
        ({"os": "linux"}, "the axis `os` must be a list of values", ("os",)),
        ({"os": ["a"], "exclude": {"os": "a"}}, "`exclude` must be a list of mappings", ("exclude",)),
        ({"os": ["a"], "include": ["b"]}, "`include` must be a list of mappings that are not empty", ("include", 0)),
        ({"os": ["a"], "exclude": [{}]}, "`exclude` must be a list of mappings that are not empty", ("exclude", 0)),
        ({"os": ["a"], "exclude": [{"so": "a"}]}, "`so` is no axis; there are: os", ("exclude", 0, "so")),
        (
            {"a": list(range(1000)), "b": list(range(1000))},
            "the axes have 1,000,000 combinations; at most 100,000 are allowed",
            (),
        ),
    ],
)
def test_what_is_wrong_is_seen_before_the_run(matrix: Any, message: str, steps: tuple[Any, ...]) -> None:
    """With the place inside `matrix`, and again when expressions have given the values."""
    for refuse in (lambda: refuse_literals(task(matrix)), lambda: items(matrix)):
        with pytest.raises(ItemsError) as caught:
            refuse()

        assert (str(caught.value), caught.value.steps) == (message, steps)


def test_what_is_not_known_yet_is_let_pass() -> None:
    """An axis may be an expression, and so may the rules: nothing is raised."""
    refuse_literals(task({"os": "${{ vars.systems }}", "exclude": "${{ vars.not }}", "include": ["${{ vars.one }}"]}))
