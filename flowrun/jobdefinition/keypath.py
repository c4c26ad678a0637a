"""Key paths: where in a job definition something stands, as in `tasks.load.dependencies[0]`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .wording import plain

KeyPath = tuple[Any, ...]
"""Keys of mappings and indexes of lists, from the top."""

GROUPS = ("serial", "parallel")
"""Keys of a task that hold further tasks."""


def leaves(whole: Any) -> Iterator[tuple[KeyPath, Any]]:
    """Every value with its path, in order; a mapping or list is one only if it is empty."""
    waiting: list[tuple[KeyPath, Any]] = [((), whole)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [((*path, key), below) for key, below in reversed(value.items())]
        elif isinstance(value, list) and value:
            waiting += [((*path, index), below) for index, below in reversed(list(enumerate(value)))]
        else:
            yield path, value


def entry_length(path: KeyPath) -> int:
    """How many steps of `path` lead to the entry it is in: a task, in groups too, a named part, or a section."""
    if path[:1] in (("config",), ("checkpointer",)):
        return 1
    length = 2
    while path[0] == "tasks" and len(path) > length + 1 and path[length] in GROUPS:
        length += 2
    return length


def full_name(path: KeyPath) -> str | None:
    """The full name of the task that `path` leads to, as in `etl/load`; None if it leads elsewhere."""
    is_task = len(path) > 1 and path[0] == "tasks" and len(path) == entry_length(path)
    return "/".join(map(str, path[1::2])) if is_task else None


def in_full_names(path: KeyPath) -> KeyPath:
    """`path` with the full name of a task in the place of its groups: ("tasks", "etl/load", "timeout")."""
    length = entry_length(path) if path else 0
    name = full_name(path[:length])
    return path if name is None else ("tasks", name, *path[length:])


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
