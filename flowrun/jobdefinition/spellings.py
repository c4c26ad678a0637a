"""Two spellings of one key: `variant` for `task`, `logger`, …, and `depends_on` for `dependencies`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .keypath import KeyPath

_OF_SECTION = {
    "tasks": (("variant", "task"), ("depends_on", "dependencies")),
    "loggers": (("variant", "logger"),),
    "extensions": (("variant", "extension"),),
    "executors": (("variant", "executor"),),
}
_OF_CHECKPOINTER = (("variant", "checkpointer"),)

OTHERS: dict[Any, tuple[str, ...]] = {}
"""For each spelling the other ones that may stand in its place."""
for _neutral, _usual in (*(pair for pairs in _OF_SECTION.values() for pair in pairs), *_OF_CHECKPOINTER):
    OTHERS[_neutral] = (*OTHERS.get(_neutral, ()), _usual)
    OTHERS[_usual] = (_neutral,)


def settle(value: dict[Any, Any]) -> list[KeyPath]:
    """Leave the usual spelling of every key in `value`, the sections of one file.

    Answers the paths of keys that were given in both spellings; there the usual one counts.
    """
    both: list[KeyPath] = []
    for path, entry, pairs in _entries(value):
        for neutral, usual in pairs:
            if neutral not in entry:
                continue
            if usual in entry:
                both.append((*path, neutral))
            entry.setdefault(usual, entry.pop(neutral))
    return both


def _entries(value: dict[Any, Any]) -> Iterator[tuple[KeyPath, dict[Any, Any], tuple[tuple[str, str], ...]]]:
    for section, pairs in _OF_SECTION.items():
        entries = value.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                yield (section, name), entry, pairs
    if isinstance(value.get("checkpointer"), dict):
        yield ("checkpointer",), value["checkpointer"], _OF_CHECKPOINTER
