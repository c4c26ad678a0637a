"""Mismatch: only what can never fit is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Protocol, TypeVar, Union
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic import dataclasses as pydantic_dataclasses
from typing_extensions import TypeAliasType, TypedDict

from flowrun.expressions.mismatch import mismatch
from flowrun.expressions.plain_types import UNKNOWN

T = TypeVar("T")


class Report(BaseModel):
    rows: int


class Detailed(Report):
    note: str = ""


class Other(BaseModel):
    name: str


class Loose(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    rows: int


class FromText(BaseModel):
    rows: int

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, value: Any) -> Any:
        return {"rows": 1} if isinstance(value, str) else value


class Box(BaseModel, Generic[T]):
    content: T


@dataclass
class Point:
    x: int


@pydantic_dataclasses.dataclass
class Spot:
    x: int


class Row(TypedDict):
    id: int


class Pair(NamedTuple):
    x: int
    y: str


class Color(Enum):
    RED = "q"


class Word(StrEnum):
    Q = "q"


class Level(IntEnum):
    ONE = 1


class HasName(Protocol):
    name: str


class Plain:
    pass


UserId = NewType("UserId", int)
Rows = TypeAliasType("Rows", list[int])

_SCALARS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers(-3, 3)),
    (UserId, st.integers(-3, 3)),
    (float, st.sampled_from([0.0, 1.0, 1.5])),
    (bool, st.booleans()),
    (str, st.text("qz", min_size=1, max_size=2)),
    (bytes, st.just(b"qz")),
    (None, st.none()),
    (date, st.just(date(2026, 1, 1))),
    (datetime, st.sampled_from([datetime(2026, 1, 1), datetime(2026, 1, 1, 8)])),
    (time, st.just(time(8))),
    (timedelta, st.just(timedelta(seconds=3))),
    (Decimal, st.sampled_from([Decimal(1), Decimal("1.5")])),
    (UUID, st.just(UUID(int=1))),
    (Path, st.just(Path("/q"))),
    (Color, st.just(Color.RED)),
    (Word, st.just(Word.Q)),
    (Level, st.just(Level.ONE)),
    (Literal["q"], st.just("q")),
    (Literal[1], st.just(1)),
    (Literal[1, "q"], st.sampled_from([1, "q"])),
]
_OBJECTS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Report, st.just(Report(rows=1))),
    (Detailed, st.just(Detailed(rows=1))),
    (Other, st.just(Other(name="q"))),
    (Loose, st.just(Loose(rows=1))),
    (FromText, st.just(FromText(rows=1))),
    (Box[int], st.just(Box[int](content=1))),
    (Box[str], st.just(Box[str](content="q"))),
    (Box, st.just(Box(content=1))),
    (Point, st.just(Point(1))),
    (Spot, st.just(Spot(1))),
    (Row, st.just({"id": 1})),
    (Pair, st.just(Pair(1, "q"))),
    (Plain, st.just(Plain())),
    (Any, st.sampled_from([1, "q", None])),
]
Typed = tuple[Any, st.SearchStrategy[Any]]


def _containers(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    hashable = st.sampled_from(_SCALARS)
    return st.one_of(
        inner.map(lambda it: (list[it[0]], st.lists(it[1], min_size=1, max_size=2))),
        inner.map(lambda it: (Sequence[it[0]], st.lists(it[1], min_size=1, max_size=2))),
        inner.map(lambda it: (Iterable[it[0]], st.lists(it[1], min_size=1, max_size=2))),
        inner.map(lambda it: (tuple[it[0], ...], st.lists(it[1], min_size=1, max_size=2).map(tuple))),
        st.tuples(inner, inner).map(lambda two: (tuple[two[0][0], two[1][0]], st.tuples(two[0][1], two[1][1]))),
        hashable.map(lambda it: (set[it[0]], st.sets(it[1], min_size=1, max_size=2))),
        hashable.map(lambda it: (frozenset[it[0]], st.frozensets(it[1], min_size=1, max_size=2))),
        st.tuples(hashable, inner).map(_mapping_of(dict)),
        st.tuples(hashable, inner).map(_mapping_of(Mapping)),
        st.tuples(inner, inner).map(lambda two: (Union[two[0][0], two[1][0]], st.one_of(two[0][1], two[1][1]))),  # noqa: UP007 - of strings of types too
    )


def _mapping_of(cls: Any) -> Any:
    return lambda two: (cls[two[0][0], two[1][0]], st.dictionaries(two[0][1], two[1][1], min_size=1, max_size=2))


TYPED = st.recursive(st.sampled_from(_SCALARS + _OBJECTS), _containers, max_leaves=4)


@settings(max_examples=200)
@given(st.data())
def test_what_pydantic_accepts_is_never_refused(data: st.DataObject) -> None:
    """If a value of one type is accepted where another is wanted, the two are no mismatch."""
    returned, values = data.draw(TYPED, "given")
    wanted, _ = data.draw(TYPED, "wanted")
    value = data.draw(values, "value")
    adapter = TypeAdapter(wanted, config=None if _is_own(wanted) else ConfigDict(arbitrary_types_allowed=True))
    try:
        adapter.validate_python(value)
    except ValidationError:
        assume(False)
    assert mismatch(returned, wanted) == ""


def _is_own(wanted: Any) -> bool:
    """Models and their like have settings of their own."""
    return wanted in (Point, Row, Spot) or hasattr(wanted, "model_config")


@pytest.mark.parametrize(
    ("returned", "wanted"),
    [
        (int, float),
        (int, int | None),
        (str, Path),
        (str, date),
        (str, Literal["a", "b"]),
        (UNKNOWN, int),
        (int, UNKNOWN),
        (list[int], Sequence[float]),
        (list[int], set[int]),
        (Rows, list[int]),
        (dict[str, int], Report),
        (Row, Report),
        (Detailed, Report),
        (Report, Detailed),
        (Other, Loose),
        (str, FromText),
        (int | str, int),
        (Report | None, Report),
        (str, Annotated[int, BeforeValidator(int)]),
        (str, Annotated[int, BeforeValidator(int)] | None),
        (bool, int),
        (UserId, int),
        (Level, int),
        (Box, Box[int]),
        (dict[str, int], Mapping[str, float]),
        (Plain, Any),
        (int, HasName),
        (HasName, int),
        (int, Callable[[int], str]),
        (Callable[[int], str], int),
        (type[int], int),
        (int, type[int]),
        (int, T),
        (int, "Unresolved"),
    ],
)
def test_what_may_fit_is_no_mismatch(returned: Any, wanted: Any) -> None:
    """A value may turn out right, or nobody knows."""
    assert mismatch(returned, wanted) == ""


@pytest.mark.parametrize(
    ("returned", "wanted", "reason"),
    [
        (str, int, "str is no int"),
        (str, float, "str is no float"),
        (int, str, "int is no str"),
        (None, int, "None is no int"),
        (int, None, "int is no None"),
        (Report, int, "Report is no int"),
        (list[int], int, "list[int] is no int"),
        (int, list[int], "int is no list[int]"),
        (dict[str, int], list[int], "dict[str, int] is no list[int]"),
        (list[str], list[int], "list[str] is no list[int]: str is no int"),
        (dict[str, list[str]], dict[str, int], "dict[str, list[str]] is no dict[str, int]: list[str] is no int"),
        (dict[str, str], dict[str, int], "dict[str, str] is no dict[str, int]: str is no int"),
        (tuple[int, str], tuple[int, int], "tuple[int, str] is no tuple[int, int]: str is no int"),
        (Report, Other, "Report is no Other"),
        (Point, Report, "Point is no Report"),
        (Report, Point, "Report is no Point"),
        (list[int], Report, "list[int] is no Report"),
        (str, int | None, "str is none of int, None"),
        (str | bytes, int | float, ""),
        (str | None, int, "str is no int"),
        (Literal["a"], Literal["b"], "Literal['a'] is no Literal['b']"),
        (int, Literal["a"], "int is no Literal['a']"),
        (str, Literal[1, 2], "str is no Literal[1, 2]"),
        (int, Plain, "int is no Plain"),
        (Report, Plain, "Report is no Plain"),
        (str, Annotated[int, AfterValidator(abs)], "str is no int"),
        (str, UserId, "str is no int"),
        (set[int], Sequence[int], "set[int] is no Sequence[int]"),
    ],
)
def test_what_can_never_fit_is_told(returned: Any, wanted: Any, reason: str) -> None:
    """AS-19, X-AS-09: with the types, down to the part that does not fit."""
    assert mismatch(returned, wanted) == reason
