"""Scalars of YAML 1.2: which plain text is a number, a truth value or nothing, and all other text is text."""

from __future__ import annotations

import re
from typing import Any

STR, NULL, BOOL, INT, FLOAT, MERGE = "str", "null", "bool", "int", "float", "merge"

_NOT_TEXT = re.compile(
    r"(?P<null>|~|null|Null|NULL)"
    r"|(?P<bool>true|True|TRUE|false|False|FALSE)"
    r"|(?P<int>[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
    r"|(?P<merge><<)"
)
_TAGS: dict[str | None, str] = {tag: tag for tag in (NULL, BOOL, INT, FLOAT, MERGE)}
_MAX_DIGITS = 1000
_FIRST = frozenset("~nNtTfF-+.0123456789<")


def tag_of(text: str) -> str:
    """What a plain scalar is. `no`, `22:30`, `0755`, `1_000` and dates are text."""
    if text and text[0] not in _FIRST:
        return STR
    found = _NOT_TEXT.fullmatch(text)
    return _TAGS[found.lastgroup] if found else STR


def value_of(tag: str, text: str) -> Any:
    """The value of a scalar whose tag is known. Raises ValueError for a whole number with a thousand digits."""
    match tag:
        case "null":
            return None
        case "bool":
            return text[0] in "tT"
        case "int":
            if len(text) > _MAX_DIGITS:
                raise ValueError("too many digits")
            return int(text, 0)
        case "float":
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
