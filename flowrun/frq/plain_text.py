"""The texts of values (`values.encode`) in the plain JSON that every language reads, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import values
from ..values.compact_json import compact
from ..values.plain_form import plain_form
from .body import is_exact, to_bytes

_BYTES = frozenset({"$bytes"})


def plain_of(text: str) -> Any:
    """What a text says, without the classes of Python: moments as text, objects as mappings, bytes as `$bytes`."""
    return plain_form(text, _BYTES) if '"$' in text else json.loads(text)


def says_all(text: str) -> bool:
    """The plain form of a text is all there is to it."""
    return '"$' not in text and is_exact(json.loads(text))


def text_of(plain: Any) -> str:
    """The text of a plain value of a worker in Python, which is all there is to it."""
    return compact(plain)


def text_of_foreign(plain: Any) -> str:
    """The text of a plain value of a worker in any language."""
    return values.encode(_with_bytes(plain))


def shared_to_plain(texts: Mapping[str, str | None]) -> tuple[dict[str, Any], list[str], dict[str, str | None]]:
    """Shared values by plain name, names of deleted ones, and those texts that the plain forms do not say fully."""
    plain: dict[str, Any] = {}
    deleted: list[str] = []
    exact: dict[str, str | None] = {}
    for key, text in texts.items():
        is_name = key.startswith('"')
        name = plain_of(key) if is_name else ""
        if is_name and text is None:
            deleted.append(name)
        elif is_name and text is not None:
            plain[name] = plain_of(text)
        if not is_name or not (text is None or says_all(text)):
            exact[key] = text
    return plain, deleted, exact


def shared_from_plain(
    plain: Mapping[str, Any], deleted: list[str], exact: Mapping[str, str | None]
) -> dict[str, str | None]:
    """The inverse of `shared_to_plain`, also for what a worker in another language says."""
    texts: dict[str, str | None] = {values.encode(name): text_of_foreign(value) for name, value in plain.items()}
    texts.update((values.encode(name), None) for name in deleted)
    texts.update(exact)
    return texts


def _with_bytes(plain: Any) -> Any:
    if isinstance(plain, dict):
        found = to_bytes(plain)
        return found if found is not plain else {name: _with_bytes(value) for name, value in plain.items()}
    if isinstance(plain, list):
        return [_with_bytes(value) for value in plain]
    return plain
