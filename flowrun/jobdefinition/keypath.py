"""Key paths: where in a job definition something stands, as in `tasks.load.dependencies[0]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .wording import plain

KeyPath = tuple[Any, ...]
"""Keys of mappings and indexes of lists, from the top."""


def spelled(path: Iterable[Any], written: Mapping[Any, str] | None = None) -> str:
    """The path as messages show it. `written` has the text of keys that are not to be shown as they are."""
    written = written or {}
    text = ""
    for step in path:
        if isinstance(step, int) and step not in written:
            text += f"[{plain(step)}]"
        else:
            name = plain(written.get(step, step))
            text += f".{name}" if text else name
    return text
