"""What is left of sections in which something cannot be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .keypath import GROUPS, KeyPath, entry_length

_CLASS_KEYS = {
    "tasks": "task",
    "loggers": "logger",
    "extensions": "extension",
    "executors": "executor",
    "secrets": "secrets",
}
_NO_CLASS = "?"


def take_out(value: dict[Any, Any], paths: Iterable[KeyPath]) -> None:
    """Take out of `value` what each path leads to, and as little else as can be.

    An entry without a class keeps its other keys, and a list of dependencies the places of the others.
    """
    for path in paths:
        if path:
            _take_out(value, path)
    value.setdefault("tasks", {})


def _take_out(value: dict[Any, Any], path: KeyPath) -> None:
    length = entry_length(path)
    entry = _at(value, path[:length])
    if len(path) <= length or path[0] == "pools" or not isinstance(entry, dict):
        _remove(value, path[:length])
        return
    key, below = path[length], path[length + 1 :]
    if key == _CLASS_KEYS.get(path[0]):
        entry[key] = _NO_CLASS
    elif path == ("checkpointer", "checkpointer"):
        del value["checkpointer"]
    elif path[0] == "tasks" and key in GROUPS:
        entry[key] = {}  # without it there would be neither a task nor a group
    elif key == "dependencies" and below and isinstance(entry.get(key), list):
        if below[0] in range(len(entry[key])):  # it may be of the other spelling, which does not count
            entry[key][below[0]] = ""
    elif key != "parameters" or not below or not isinstance(entry.get(key), dict):
        entry.pop(key, None)
    elif not isinstance(below[0], str):
        entry[key].pop(below[0], None)


def _at(value: Any, path: KeyPath) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _remove(value: dict[Any, Any], path: KeyPath) -> None:
    holder = _at(value, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
