"""Two spellings of one key: `variant` for `task`, `logger`, …, and `depends_on` for `dependencies`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .keypath import GROUPS, KeyPath, entry_length

_OF_SECTION = {
    "tasks": (("variant", "task"), ("depends_on", "dependencies")),
    "loggers": (("variant", "logger"),),
    "extensions": (("variant", "extension"),),
    "executors": (("variant", "executor"),),
    "secrets": (("variant", "secrets"),),
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


def usual(path: KeyPath) -> KeyPath:
    """`path` in the usual spelling."""
    length = entry_length(path) if path else 0
    pairs = _OF_CHECKPOINTER if path[:1] == ("checkpointer",) else _OF_SECTION.get(path[0], ()) if path else ()
    for neutral, name in pairs:
        if path[length : length + 1] == (neutral,):
            return (*path[:length], name, *path[length + 1 :])
    return path


def _entries(value: dict[Any, Any]) -> Iterator[tuple[KeyPath, dict[Any, Any], tuple[tuple[str, str], ...]]]:
    for section, pairs in _OF_SECTION.items():
        yield from ((path, entry, pairs) for path, entry in _below(value, (section,)))
    if isinstance(value.get("checkpointer"), dict):
        yield ("checkpointer",), value["checkpointer"], _OF_CHECKPOINTER


def _below(holder: dict[Any, Any], path: KeyPath) -> Iterator[tuple[KeyPath, dict[Any, Any]]]:
    """The entries of the mapping that stands in `holder` under the last key of `path`, those of groups in it too."""
    entries = holder.get(path[-1])
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict):
            yield (*path, name), entry
            for kind in GROUPS if path[0] == "tasks" else ():
                if kind in entry:
                    yield from _below(entry, (*path, name, kind))
