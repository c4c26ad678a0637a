"""The decorator of values: the same as the standard one, only later."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import Any

import pytest

from flowrun.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A value."""

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Point):
    """A value that extends another."""

    name: str


@dataclass
class Counter:
    """Something that changes."""

    count: int = 0


def test_an_object_has_what_it_was_given() -> None:
    """By place, by name, and by default; a default is made anew for each object."""
    point = Point(1, tags=["a"])

    assert (point.x, point.y, point.tags, point.note) == (1, 2, ["a"], "")
    assert Point(1).tags is not Point(1).tags
    assert (Named(1, 5, name="n").y, Named(1, name="n").name) == (5, "n")


@pytest.mark.parametrize("given", [{}, {"x": 1, "z": 2}])
def test_what_does_not_fit_is_refused(given: dict[str, Any]) -> None:
    """The words are those that Python has for any function."""
    with pytest.raises(TypeError, match=r"Point\.__init__\(\) (missing|got an unexpected)"):
        Point(**given)


def test_equal_values_are_equal() -> None:
    """Of one class, in the fields that are compared; then their hashes are equal too."""
    assert Counter(1) == Counter(1) != Counter(2)
    assert Point(1, note="a") == Point(1, note="b")
    assert Point(1, 2) != (1, 2)
    assert hash(Origin("a", 1)) == hash(Origin("a", 1))


@dataclass(frozen=True)
class Origin:
    """A value without slots."""

    file: str
    line: int


@pytest.mark.parametrize("value", [Point(1), Named(1, name="n"), Origin("a", 1)])
def test_a_frozen_value_does_not_change(value: Any) -> None:
    """Neither is a field set nor deleted."""
    first = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(value, first)


def test_another_may_change() -> None:
    """And has no hash."""
    counter = Counter()
    counter.count += 1

    assert counter == Counter(1)
    with pytest.raises(TypeError):
        hash(counter)


def test_it_is_written_as_it_is_made() -> None:
    """Without the fields that are not to be shown."""
    assert repr(Named(1, name="n", note="hidden")) == "Named(x=1, y=2, tags=[], name='n')"


@pytest.mark.parametrize("value", [Point(1, tags=["a"]), Named(1, name="n"), Counter(3), Origin("a", 1)])
def test_it_can_be_copied(value: Any) -> None:
    """By `copy`, `pickle` and `dataclasses.replace`."""
    assert copy.copy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value
    assert dataclasses.replace(value) == value


def test_a_standard_dataclass_may_extend_it() -> None:
    """As users do with events."""

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Mine(Named):
        more: int

    assert Mine(1, name="n", more=3).more == 3
    with pytest.raises(TypeError, match="cannot inherit non-frozen"):
        dataclasses.dataclass(type("Changing", (Named,), {}))


def test_it_can_be_matched() -> None:
    """By place."""
    match Point(1, 5):
        case Point(x, y):
            assert (x, y) == (1, 5)
