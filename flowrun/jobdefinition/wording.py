"""The words of messages: what was expected, what was found, what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_EXPECTED = {
    "bool": "`true` or `false`",
    "dict": "a mapping",
    "finite_number": "a finite number",
    "float": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int": "a whole number",
    "model": "a mapping",
    "path": "a path",
    "string": "text",
    "string_too_short": "at least one character long",
    "string_unicode": "readable text",
    "tuple": "a list",
}


def expectation(error: Mapping[str, Any]) -> str:
    """The end of the sentence "... must be", for an error as Pydantic gives it."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "expected":
        return str(context["what"])
    if kind == "literal_error":
        return "one of " + ", ".join(f"`{option}`" for option in options(error))
    words = _EXPECTED.get(kind) or _EXPECTED.get(kind.split("_")[0])
    return words.format_map(context) if words else f"valid: {error['msg']}"


def options(error: Mapping[str, Any]) -> list[str]:
    """The values that are allowed, for an error of a closed list of values."""
    return re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))


def found(value: Any) -> str:
    """What stands there instead, as in `found text "5k"`."""
    match value:
        case None:
            return "found nothing"
        case bool():
            return f"found `{str(value).lower()}`"
        case int() | float():
            return f"found the number {plain(value)}"
        case str():
            return f'found text "{plain(value)}"'
        case dict():
            return "found a mapping"
        case list() | tuple():
            return "found a list"
    return f"found {plain(type(value).__name__)}"


def plain(value: object, limit: int = 60) -> str:
    """The text of a value on one line: shortened, control characters escaped."""
    text = _digits(value) if isinstance(value, int) else str(value)
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return short if short.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)


def _digits(number: int) -> str:
    # Python refuses to spell out numbers past some thousand digits.
    return str(number) if number.bit_length() < 1000 else hex(number)


def nearest(name: object, allowed: Iterable[str]) -> str | None:
    """The one of `allowed` that was probably meant by `name`."""
    if not isinstance(name, str) or len(name) > 100:
        return None
    import difflib

    return next(iter(difflib.get_close_matches(name, list(allowed), 1)), None)
