"""Keys: the texts by which items are told apart, the same in every run with the same items."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from ..errors import ItemsError

_LONGEST = 80
_WITH_A_TEXT = frozenset({"datetime", "decimal", "uuid"})
"""Modules of types whose objects are written as one word."""


def text_of(item: Any) -> str | None:
    """The text of a single value; None for nothing, and for what has parts."""
    match item:
        case str():
            return _short(str.__str__(item))  # of an enumeration, the value
        case bool():
            return str(item).lower()
        case int() | float():
            return str(item)
        case os.PathLike():
            return _short(os.fsdecode(item))
    return str(item) if type(item).__module__ in _WITH_A_TEXT else None


def field_of(item: Any, field: str) -> str:
    """The text of a field of an item. Raises ItemsError if there is none."""
    if isinstance(item, Mapping):
        known: Iterable[Any] = item
        value = item.get(field)
    else:
        known = getattr(item, "__dict__", ())
        value = getattr(item, field, None)
    if text := text_of(value):
        return text
    if value is not None:
        raise ItemsError(f"`{field}` cannot be the key: it is empty or has parts")
    names = ", ".join(map(str, known))
    raise ItemsError(f"there is no `{field}` for the key" + (f"; there are: {names}" if names else ""))


def renames(texts: Callable[[], Iterable[str]]) -> dict[int, str]:
    """The keys of items whose text an earlier item has, by position: after `x` comes `x#2`.

    `texts` is called again if there are any; otherwise nothing is kept but a number for each text.
    """
    hashes = sorted(array("q", map(hash, texts())))
    repeated = {one for one, other in pairwise(hashes) if one == other}
    if not repeated:
        return {}
    taken = set(hashes)
    last: dict[str, int] = {}
    renamed: dict[int, str] = {}
    for position, text in enumerate(texts()):
        if hash(text) not in repeated:
            continue
        number = last.get(text, 0) + 1
        while number > 1 and hash(f"{text}#{number}") in taken:
            number += 1
        last[text] = number
        if number > 1:
            renamed[position] = f"{text}#{number}"
            taken.add(hash(renamed[position]))
    return renamed


def _short(text: str) -> str:
    """One line of bearable length; what was cut off is still told apart."""
    shown = text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    if len(shown) <= _LONGEST:
        return shown
    from zlib import crc32

    return f"{shown[:_LONGEST]}~{crc32(text.encode('utf-8', 'surrogatepass')):08x}"
