"""The JSON form of results and shared values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from ..history.rows import ValueRow
from ..iso_time import iso


class ResultBody(TypedDict):
    """What a task returned. Of a value that is cut, `value` is the beginning of its JSON text."""

    task: str
    value: Any
    is_cut: bool
    characters: int
    time: str | None


class SharedBody(TypedDict):
    """A shared value as it was last."""

    key: str
    value: Any
    is_cut: bool
    is_deleted: bool
    task: str
    time: str | None


class ValuesBody(TypedDict):
    """Results, and shared values."""

    results: list[ResultBody]
    shared: list[SharedBody]


def values_body(rows: Sequence[ValueRow]) -> ValuesBody:
    """All values of a run."""
    return {
        "results": [
            {
                "task": row.name,
                "value": value_of(row),
                "is_cut": row.is_cut,
                "characters": row.size,
                "time": iso(row.at),
            }
            for row in rows
            if row.kind == "result"
        ],
        "shared": [
            {
                "key": row.name,
                "value": value_of(row),
                "is_cut": row.is_cut,
                "is_deleted": row.is_deleted,
                "task": row.task,
                "time": iso(row.at),
            }
            for row in rows
            if row.kind == "shared"
        ],
    }


def value_of(row: ValueRow) -> Any:
    """A value, or the beginning of its text."""
    return row.text if row.is_cut else value_in(row.text)


def value_in(text: str) -> Any:
    """The value that this is the JSON text of; of a text that is cut, the text."""
    try:
        return json.loads(text, parse_constant=str)
    except ValueError:
        return text
