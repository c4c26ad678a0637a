"""Streams: what commands that read streams answer, and the order of entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..dataclass import dataclass
from .fields import Fields, paired

BEGIN = "0-0"
"""Before the first entry of any stream."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream."""

    id: str
    fields: Fields


def entries_of(answer: Any) -> Iterator[tuple[str, list[Entry]]]:
    """The streams and their entries in an answer to XREAD or XREADGROUP."""
    for name, entries in answer or ():
        yield name.decode(), [entry_of(one) for one in entries if one[1] is not None]


def entry_of(answer: Any) -> Entry:
    """One entry in an answer."""
    return Entry(answer[0].decode(), paired(answer[1]))


def order(entry_id: str) -> tuple[int, int]:
    """By which entries of a stream are compared."""
    ms, _, number = entry_id.partition("-")
    return int(ms), int(number or 0)
