"""The plain form of values."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from flowrun.errors import CheckpointInvalidError
from flowrun.values import encode
from flowrun.values.plain_form import plain_form


class Row(BaseModel):
    """A model."""

    id: int
    paid: Decimal = Decimal("1.50")


@dataclass
class Box:
    """A dataclass."""

    rows: tuple[Row, ...]


class Colour(Enum):
    """An enum."""

    RED = 1


Pair = namedtuple("Pair", "left right")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"a": [1, 2.5, None, "x"]}, {"a": [1, 2.5, None, "x"]}),
        (Box((Row(id=1),)), {"rows": [{"id": 1, "paid": "1.50"}]}),
        ([Colour.RED, Pair(1, 2)], ["RED", {"left": 1, "right": 2}]),
        ({1: {3, 2}}, {"1": [2, 3]}),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00+00:00"),
        (timedelta(minutes=1.5), 90.0),
        (Path("a/b"), "a/b"),
        (b"abc", "<bytes of 3 bytes>"),
        (2**3000, 2**3000),
        (float("inf"), "inf"),
        ({"$date": "no tag of ours"}, {"$date": "no tag of ours"}),
    ],
)
def test_what_json_has_not_becomes_plain(value: Any, plain: Any) -> None:
    """Fields of objects, names of members, sizes of what nobody wants to read."""
    assert plain_form(encode(value)) == plain


def test_a_secret_stays_one() -> None:
    """What hides its value is not shown by it."""
    assert "hush" not in str(plain_form(encode({"password": SecretStr("hush-hush")})))


def test_a_damaged_value_is_refused() -> None:
    """The caller hears of it in one kind of error."""
    with pytest.raises(CheckpointInvalidError):
        plain_form('{"$int": "no number"}')
