"""Steps into types: what a path into a result is, said before the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NamedTuple, NewType, NotRequired, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, computed_field
from typing_extensions import TypeAliasType, TypedDict

from flowrun.expressions.plain_types import UNKNOWN, plain_type, shown_type
from flowrun.expressions.type_steps import NoSuchPart, type_after

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")
K = TypeVar("K")


class Order(BaseModel):
    id: int
    tags: list[str] = []

    @property
    def label(self) -> str:
        return ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def size(self) -> int:
        return 0


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int


class Box(BaseModel, Generic[T]):
    content: T


@dataclass
class Point:
    x: int
    y: float | None = None


@dataclass
class Cell(Generic[T]):
    content: T
    others: dict[str, list[T]]


@dataclass
class Prepared:
    x: int

    def __post_init__(self) -> None:
        self.y = self.x


@dataclass
class Late:
    price: Decimal
    count: int


class Row(TypedDict):
    id: int
    note: NotRequired[str]


class Pair(NamedTuple):
    left: int
    right: str


class Color(Enum):
    RED = "red"


class Plain:
    def __init__(self) -> None:
        self.x = 1


UserId = NewType("UserId", int)
Orders = TypeAliasType("Orders", list[Order])
Table = TypeAliasType("Table", dict[str, list[T]], type_params=(T,))


@pytest.mark.parametrize(
    ("annotation", "steps", "wanted"),
    [
        (Order, ("id",), int),
        (Order, ("tags", 0), str),
        (Order, ("size",), int),
        (Order, ("label",), UNKNOWN),
        (Open, ("whatever",), UNKNOWN),
        (Box[Order], ("content", "id"), int),
        (Box, ("content",), UNKNOWN),
        (Point, ("x",), int),
        (Cell[int], ("content",), int),
        (Cell[Order], ("others", "eu", 0, "id"), int),
        (Cell, ("content",), UNKNOWN),
        (Prepared, ("y",), UNKNOWN),
        (Late, ("price",), UNKNOWN),
        (Late, ("count",), int),
        (Row, ("note",), str),
        (Pair, ("right",), str),
        (Pair, (0,), int),
        (Pair, (-1,), str),
        (Orders, (0, "id"), int),
        (Table[int], ("x", 3), int),
        (UserId, (), int),
        (Annotated[list[Order], "note"], (1, "id"), int),
        (list[Order] | None, (0, "id"), int),
        (Order | Point, ("x",), int),
        (tuple[int, str], (1,), str),
        (tuple[int, ...], (7,), int),
        (dict[str, Order], ("eu", "id"), int),
        (Mapping[str, int], ("eu",), int),
        (Sequence[Order], (0, "id"), int),
        (dict[str, Any], ("a", "b", 0), UNKNOWN),
        (list, (0,), UNKNOWN),
        (str, (0,), str),
        (date, ("year",), UNKNOWN),
        (Color, ("value",), UNKNOWN),
        (Plain, ("x",), UNKNOWN),
        (Any, ("x",), UNKNOWN),
        (T, ("x",), UNKNOWN),
        ("Unresolved", ("x",), UNKNOWN),
        (object, ("x",), UNKNOWN),
        (Literal["a", "b"], (0,), str),
    ],
)
def test_a_path_leads_to_a_type(annotation: Any, steps: tuple[Any, ...], wanted: Any) -> None:
    """AS-19: through models, records, containers, unions and generics; UNKNOWN where nothing is certain."""
    found = plain_type(type_after(annotation, steps))

    assert found is wanted or found == wanted


def test_of_a_union_every_way_counts() -> None:
    """The type is that of any member that has the part."""
    assert shown_type(type_after(Order | Row, ("id",))) == "int"
    assert shown_type(type_after(list[int] | list[str], (0,))) == "int | str"
    assert shown_type(type_after(Point, ("y",))) == "float | None"


@pytest.mark.parametrize(
    ("annotation", "steps", "message", "number"),
    [
        (Order, ("idd",), "is of type Order, which has no `idd`; it has: id, tags, size", 0),
        (Order, ("model_dump",), "is of type Order, which has no `model_dump`; it has: id, tags, size", 0),
        (list[Order], (0, "x"), "is of type Order, which has no `x`; it has: id, tags, size", 1),
        (Box[Order], ("content", "x"), "is of type Order", 1),
        (Point, ("z",), "is of type Point, which has no `z`; it has: x, y", 0),
        (Point, (0,), "is of type Point, which has no [0]; it has: x, y", 0),
        (Row, ("name",), "is of type Row, which has no `name`; it has: id, note", 0),
        (Pair, ("middle",), "it has: left, right", 0),
        (Pair, (2,), "is of type Pair with 2 items, so there is no [2]", 0),
        (tuple[int, str], (2,), "is of type tuple[int, str] with 2 items, so there is no [2]", 0),
        (tuple[int, str], ("x",), "is a tuple, which has no `x`: write `[0]` for the first", 0),
        (list[Order], ("id",), "is a list, which has no `id`: write `[0]` for the first", 0),
        (int, ("x",), "is of type int, which has no `x`", 0),
        (int, (0,), "is of type int, which has no [0]", 0),
        (None, ("x",), "is of type None, which has no `x`", 0),
        (set[int], (0,), "is a set, which has no order and no [0]", 0),
        (int | None, ("x",), "is of type int, which has no `x`", 0),
        (Order | Point, ("z",), "is of type Order, which has no `z`", 0),
    ],
)
def test_what_no_value_has_is_told(annotation: Any, steps: tuple[Any, ...], message: str, number: int) -> None:
    """With what there is, and how far the path is good."""
    with pytest.raises(NoSuchPart) as caught:
        type_after(annotation, steps)

    assert message in str(caught.value)
    assert caught.value.number == number
