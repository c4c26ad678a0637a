"""From a value to its text, and back.

What JSON has stands as it is. Anything else stands under a tag, a mapping with one key that begins with `$`:
`{"$date":"2026-01-31"}`. A mapping of the user's that looks like one is written as `{"$dict":[[key,value]]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import CheckpointInvalidError
from .compact_json import SCALARS, compact, faithful, looks_like_tag

if TYPE_CHECKING:
    from .file_store import FileStore

LONG = 256 << 10
"""Characters from which on a text has a file of its own, where there is a store."""

_CONTAINERS: frozenset[type] = frozenset({list, dict})


def encode(value: Any, store: FileStore | None = None) -> str:
    """The text of a value. It can always be written as UTF-8; equal values mostly have equal texts.

    Large bytes and arrays, and a text that is large itself, go into files of `store`, and the text names them.
    Raises TypeError, which names the type and its place inside the value, for what cannot be kept, and StateError
    if a file cannot be written.
    """
    if store is not None and type(value) is str and len(value) > LONG:
        return _apart("text", value, store)
    try:
        text = faithful(value) if type(value) in SCALARS or _is_plain(value) else None
        return _with_tags(value, store) if text is None else text
    except RecursionError:
        raise TypeError("cannot be kept: it contains itself, or is nested too deeply") from None


def put_aside(text: str, store: FileStore) -> str:
    """The text that stands for a long one that `encode` made: that one goes into a file of `store`."""
    return text if len(text) <= LONG or '"$file"' in text else _apart("json", text, store)


def decode(text: str, store: FileStore | None = None) -> Any:
    """The value of a text that `encode` made; `store` has its files.

    Raises CheckpointInvalidError for any other text. No module is imported for it, and nothing is unpickled
    that was not signed with this user's key.
    """
    try:
        return _without_tags(text, store) if '"$' in text else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointInvalidError(f"a value cannot be read: {error}") from None


def _apart(kind: str, text: str, store: FileStore) -> str:
    from .blocks import write_text  # most values are small

    return compact(write_text(kind, text, store))


def _is_plain(value: Any) -> bool:
    """A tree of exactly the types of JSON, in which no mapping looks like a tag."""
    parts: Iterable[Any] = ()
    if type(value) is list:
        parts = value
    elif type(value) is dict and not (set(map(type, value)) - {str} or looks_like_tag(value)):
        parts = value.values()
    else:
        return False
    others = set(map(type, parts)) - SCALARS
    return others <= _CONTAINERS and (not others or all(_is_plain(part) for part in parts if type(part) in others))


def _with_tags(value: Any, store: FileStore | None) -> str:
    from .tags import Tagger  # most values need none

    return compact(Tagger(store)(value, ()))


def _without_tags(text: str, store: FileStore | None) -> Any:
    from .tags import untagger

    return json.loads(text, object_hook=untagger(store))
