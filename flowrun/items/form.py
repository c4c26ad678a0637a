"""Form: the ways in which `foreach` can be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dataclass import dataclass
from ..errors import ItemsError

FORMATS = ("lines", "csv", "json", "jsonl")
_KEYS = {"file": ("file", "format", "key"), "items": ("items", "key")}


@dataclass(frozen=True, slots=True)
class Form:
    """What `foreach` says, sorted: a value or the name of a file, and the field with the keys."""

    value: Any = None
    file: Any = None
    format: str = ""
    key: str | None = None


def form_of(foreach: Any, written: Any) -> Form:
    """The form of a `foreach`. Only in what is `written` as a mapping, `items` and `file` have their meaning.

    Raises ItemsError for keys that are unknown or have the wrong values. What an expression will give is not looked at.
    """
    main = next((key for key in _KEYS if key in written), None) if isinstance(written, Mapping) else None
    if main is None or not isinstance(foreach, Mapping):
        return Form(value=foreach)
    for name in foreach:
        if name not in _KEYS[main]:
            raise ItemsError(
                f"`{name}` cannot stand beside `{main}`; allowed are: {', '.join(_KEYS[main])}", (str(name),)
            )
    if main == "items":
        return Form(value=foreach["items"], key=_text_at(foreach, "key"))
    form, key = _text_at(foreach, "format"), _text_at(foreach, "key")
    if form is not None and not is_open(form) and form not in FORMATS:
        raise ItemsError(f"`format` must be one of {', '.join(FORMATS)}", ("format",))
    return Form(file=_text_at(foreach, "file") or "", format=form or "", key=key)


def is_open(value: Any) -> bool:
    """An expression stands here, or in this text: what it will be is not known yet."""
    return isinstance(value, str) and "${{" in value


def has_open_parts(value: Any) -> bool:
    """An expression stands anywhere in a value."""
    if isinstance(value, Mapping):
        return any(map(has_open_parts, value.values()))
    return any(map(has_open_parts, value)) if isinstance(value, list | tuple) else is_open(value)


def _text_at(foreach: Mapping[str, Any], key: str) -> str | None:
    import os

    value = foreach.get(key)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if key in foreach and (not isinstance(value, str) or not value):
        raise ItemsError(f"`{key}` must be text", (key,))
    return value
