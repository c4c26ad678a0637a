"""Values become text and come back as themselves."""

from __future__ import annotations

import json
import math
import os
import pickle
import sys
import threading
import uuid
from array import array
from base64 import b64decode
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from flowrun.errors import CheckpointInvalidError
from flowrun.values import decode, encode

T = TypeVar("T")


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Report(BaseModel):
    rows: int
    day: date = date(2026, 1, 31)
    parts: list[Report] = []


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 1


class WithAny(BaseModel):
    parts: Any


class Stop(NamedTuple):
    name: str
    points: Any = ()


class Page(BaseModel, Generic[T]):
    items: list[T]
    following: Page[T] | None = None


class Aliased(BaseModel):
    """Validating what came out of it would change it: the name is another, and the mark is put before it again."""

    model_config = ConfigDict(frozen=True)
    start: int = Field(alias="from", gt=0)
    note: str = ""

    @field_validator("note")
    @classmethod
    def _marked(cls, note: str) -> str:
        return f"!{note}"


class WithPrivate(BaseModel):
    a: int
    _seen: set[str] = PrivateAttr(default_factory=set)


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: Decimal = Decimal("0.5")


@dataclass
class Counted:
    names: list[str]
    count: int = field(init=False)

    def __post_init__(self) -> None:
        self.count = len(self.names)


class Plain:
    """A class that only pickle knows."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and self.x == other.x


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "a key for these tests")


READABLE = [
    (None, "null"),
    (41_000, "41000"),
    ("Grüße", '"Grüße"'),
    ({"rows": [1, 2.5, True, None]}, '{"rows":[1,2.5,true,null]}'),
    (date(2026, 1, 31), '{"$date":"2026-01-31"}'),
    (datetime(2026, 1, 31, 4, 5, 6), '{"$datetime":"2026-01-31T04:05:06"}'),
    (time(4, 5), '{"$time":"04:05:00"}'),
    (timedelta(days=1, seconds=2), '{"$timedelta":[1,2,0]}'),
    (Decimal("1.50"), '{"$decimal":"1.50"}'),
    (b"ab", '{"$bytes":"YWI="}'),
    (Path("/tmp/x"), '{"$path":"/tmp/x"}'),
    (uuid.UUID(int=1), '{"$uuid":"00000000-0000-0000-0000-000000000001"}'),
    ({3, 1, 2}, '{"$set":[1,2,3]}'),
    (frozenset({1}), '{"$frozenset":[1]}'),
    ((1, (2,)), '{"$tuple":[1,{"$tuple":[2]}]}'),
    ({1: "a"}, '{"$dict":[[1,"a"]]}'),
    ({"$date": "mine"}, '{"$dict":[["$date","mine"]]}'),
    ({"$a": 1, "b": 2}, '{"$a":1,"b":2}'),
    (Colour.RED, f'{{"$enum":["{__name__}:Colour","RED"]}}'),
    (Level.HIGH, f'{{"$enum":["{__name__}:Level","HIGH"]}}'),
    (Point(1), f'{{"$dataclass":["{__name__}:Point",{{"x":1,"y":{{"$decimal":"0.5"}}}}]}}'),
    (
        Report(rows=1, day=date(2026, 2, 1), parts=[]),
        f'{{"$model":["{__name__}:Report",{{"rows":1,"day":{{"$date":"2026-02-01"}},"parts":[]}}]}}',
    ),
]


@pytest.mark.parametrize(("value", "text"), READABLE)
def test_a_value_has_a_text_that_a_person_can_read(value: Any, text: str) -> None:
    """FM-72: what is kept can be read without running anything."""
    assert encode(value) == text
    again = decode(text)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    "value",
    [
        "\ud83d",
        "\ud83d\ude00",
        {"\ud83d\ude00": ["\udc80", "\ud83d\ude00"], "😀": "\ud83d"},
        math.inf,
        [-math.inf],
        [10**5000],
        {"n": -(10**5000)},
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(2026, 10, 25, 2, 30, fold=1),
        time(1, 2, tzinfo=UTC),
        Path("/tmp/\udc80"),
        {"a": {"$b": {"$c": (1,)}}},
        {(1, 2): {3: "x"}, None: {Colour.RED}},
        {"": {"": {}}},
        complex(1, 2),
        complex(-0.0, math.inf),
        range(3),
        bytearray(b"x"),
        memoryview(b"ab"),
        memoryview(array("d", [0.5, 1.5])),
        Stop("a", [Point(1)]),
        {"stops": (Stop("a"),)},
        Page[Point](items=[Point(1)], following=Page[Point](items=[])),
        Page[Page[int]](items=[Page[int](items=[1])]),
        Page[dict[str, list[Stop] | None]](items=[{"a": None}]),
        Aliased.model_validate({"from": 1, "note": "x"}),
        OrderedDict(a=1),
        Counter("aab"),
        Plain([1, {2}]),
        [Counted(["a", "b"])],
        Report(rows=1, parts=[Report(rows=2)]),
        Loose.model_validate({"b": {"$c": 1}}),
        Loose.model_validate({"$b": 1}),
    ],
)
def test_a_value_comes_back_as_itself(value: Any) -> None:
    """Whatever the kind, type and content are the same."""
    text = encode(value)
    text.encode()

    again = decode(text)

    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("value", [0, 0.0, "", [], {}, (), False, b""])
def test_a_falsy_value_is_a_value(value: Any) -> None:
    """F2-06, X-F2-05, AS-14: nothing is dropped for counting as false, and each keeps its kind."""
    again = decode(encode(value))

    assert again == value
    assert type(again) is type(value)


def test_nan_comes_back() -> None:
    """NaN equals nothing, so it has a test of its own."""
    assert math.isnan(decode(encode([math.nan]))[0])


def test_the_zone_of_a_time_comes_back() -> None:
    """A time with the name of a zone keeps it, and which of two equal local times it is."""
    moment = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)

    again = decode(encode(moment))

    assert (again, again.tzinfo, again.fold) == (moment, moment.tzinfo, 1)


def test_a_model_comes_back_with_what_was_set_and_what_is_private() -> None:
    """Not only the fields are a model's state."""
    model = WithPrivate(a=1)
    model._seen.add("x")

    again = decode(encode([model, Report(rows=1)]))

    assert again[0]._seen == {"x"}
    assert again[1].model_fields_set == {"rows"}


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(alphabet=st.characters())
        | st.binary()
        | st.dates()
        | st.datetimes()
        | st.timedeltas()
        | st.decimals(allow_nan=False)
        | st.uuids(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.text(alphabet="$ab\ud83d\ude00"), inner, max_size=2)
            | st.dictionaries(st.integers() | st.tuples(st.text()), inner)
            | st.tuples(inner, inner)
        ),
        max_leaves=8,
    )
)
def test_any_value_comes_back_and_has_one_text(value: Any) -> None:
    """Decoding is the inverse of encoding, and encoding what came back gives the same text."""
    text = encode(value)
    again = decode(text)

    assert again == value
    assert encode(again) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (threading.Lock(), "cannot be kept: a value of type '_thread.lock'"),
        ({"a": [threading.Lock()]}, "cannot be kept: a value of type '_thread.lock' at ['a'][0]"),
        ([Loose.model_validate({"b": threading.Lock()})], "'_thread.lock' at [0]['b']"),
        (WithAny(parts=[threading.Lock()]), "'_thread.lock' at .parts[0]"),
        ({"f": lambda: 1}, "a value of type 'function' at ['f']"),
        (Plain(threading.Lock()), f"a value of type '{__name__}.Plain' (cannot pickle '_thread.lock' object)"),
        (sys, "a value of type 'module'"),
    ],
)
def test_what_cannot_be_kept_is_named_with_its_place(value: Any, words: str) -> None:
    """The type and the path inside the value are in the message."""
    with pytest.raises(TypeError) as caught:
        encode(value)

    assert words in str(caught.value)


def test_a_value_that_contains_itself_is_refused() -> None:
    """There is no text without an end."""
    value: list[Any] = []
    value.append(value)

    with pytest.raises(TypeError, match="contains itself"):
        encode(value)
    with pytest.raises(TypeError, match="contains itself"):
        encode((value, {1}))


def test_a_local_class_is_refused() -> None:
    """A class that its name does not lead to could not be found again."""

    @dataclass
    class Local:
        x: int

    with pytest.raises(TypeError, match="Local"):
        encode(Local(1))


class Bomb:
    """Runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_a_planted_pickle_is_refused_and_runs_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """X-FM-21: without a valid signature nothing is unpickled."""
    target = tmp_path / "owned"
    text = encode(Bomb(target))
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "the key of somebody else")

    with pytest.raises(CheckpointInvalidError, match=r"Bomb.*not signed"):
        decode(text)
    assert not target.exists()


def test_a_changed_pickle_is_refused() -> None:
    """The signature is of the whole pickle."""
    kind, body = next(iter(json.loads(encode(Plain(1))).items()))
    other = json.loads(encode(Plain(2)))["$pickle"]

    with pytest.raises(CheckpointInvalidError, match="not signed"):
        decode(json.dumps({kind: [body[0], body[1], other[2]]}))


def test_no_module_is_imported_for_a_class_name() -> None:
    """A planted class name makes nothing be imported; the message names the module."""
    assert "antigravity" not in sys.modules

    with pytest.raises(CheckpointInvalidError, match="module 'antigravity' is not imported"):
        decode('{"$model":["antigravity:Report",{}]}')
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1,",
        '{"$unknown":1}',
        '{"$date":"tomorrow"}',
        '{"$set":[[1]]}',
        '{"$enum":["os:path","join"]}',
        f'{{"$enum":["{__name__}:Report","rows"]}}',
        f'{{"$model":["{__name__}:Point",{{}}]}}',
        f'{{"$model":["{__name__}:Report",{{}}]}}',
        f'{{"$dataclass":["{__name__}:Point",{{}}]}}',
        f'{{"$dataclass":["{__name__}:Gone",{{}}]}}',
        '{"$pickle":["x"]}',
        '{"$pickle":["x","00","AAAA"]}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_text_that_is_no_value_is_refused(text: str) -> None:
    """Whatever is wrong, it is one kind of error."""
    with pytest.raises(CheckpointInvalidError):
        decode(text)


def test_a_class_may_change_between_run_and_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields that are gone are passed over, new ones have their default."""
    module = ModuleType("tasks_of_yesterday")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yesterday = """
from dataclasses import dataclass
from pydantic import BaseModel
@dataclass
class A:
    x: int
    old: int = 1
class B(BaseModel):
    x: int
    old: int = 1
"""
    exec(yesterday, module.__dict__)
    text = encode([module.A(5), module.B(x=6)])

    exec(yesterday.replace("old: int = 1", "new: str = 'n'"), module.__dict__)
    one, two = decode(text)

    assert (one.x, one.new, two.x, two.new) == (5, "n", 6, "n")
    assert not hasattr(one, "old")


def test_plain_values_are_read_by_any_json_reader() -> None:
    """What JSON has stands as it is: a worker in another language writes it without knowing flowrun."""
    assert decode('{ "rows": [1, 2] }') == {"rows": [1, 2]}


def test_the_last_resort_is_pickle_with_a_signature() -> None:
    """Type and signature stand beside the pickle."""
    name, signature, data = json.loads(encode(Plain(1)))["$pickle"]

    assert name == f"{__name__}.Plain"
    assert len(signature) == 64
    assert pickle.loads(b64decode(data)) == Plain(1)
