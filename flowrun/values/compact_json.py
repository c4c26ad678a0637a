"""JSON without spaces, and what of Python it gives back as it was."""

from __future__ import annotations

import json
from typing import Any

SCALARS: frozenset[type] = frozenset({str, int, float, bool, type(None)})

_dump = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_dump_ascii = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def compact(plain: Any) -> str:
    """The text of what JSON has. It is in ASCII if UTF-8 could not hold it (single surrogates).

    Raises ValueError for NaN, infinite numbers and integers of thousands of digits.
    """
    text = _dump(plain)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _dump_ascii(plain)
    return text


def faithful(plain: Any) -> str | None:
    """The text of what JSON has, or None if reading it would not give the same again."""
    try:
        text = compact(plain)
    except ValueError:
        return None
    is_split = "\\ud" in text and json.loads(text) != plain  # two surrogates side by side are read as one character
    return None if is_split else text


def looks_like_tag(mapping: dict[str, Any]) -> bool:
    """It has one key, and that begins with `$`."""
    return len(mapping) == 1 and next(iter(mapping)).startswith("$")
