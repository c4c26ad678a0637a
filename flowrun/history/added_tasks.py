"""AddedTasks: where tasks stand that the job definition does not know, since a task or its items have added them."""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection

_AFTER_ALL = 1 << 40
"""The position of a task that another one has added."""


class AddedTasks:
    """What one run has besides the tasks of its definition."""

    def __init__(self, connection: Connection, run: int) -> None:
        self._connection = connection
        self._run = run
        self._variants: dict[str, str] = {}
        self._owners: dict[str, tuple[int, str, str, int] | None] = {}
        """Position, variant, executor and attempts of tasks with items."""

    def add(self, name: str, variant: str) -> None:
        """A task has added this one."""
        self._variants[name] = variant

    def place(self, name: str) -> tuple[int, str, str, str, int, str]:
        """Position, kind, variant, executor, attempts and parent of a task that is not in the definition."""
        if name.endswith("]"):
            for owner in _beginnings(name):  # a key may hold brackets too
                if (found := self._owner(owner)) is not None:
                    return found[0], "item", *found[1:], owner
        group, _, _ = name.rpartition("/")
        return _AFTER_ALL, "task", self._variants.get(name, ""), "", 1, group

    def _owner(self, name: str) -> tuple[int, str, str, int] | None:
        if name not in self._owners:
            row = self._connection.execute(
                "SELECT position, variant, executor, max_attempts FROM tasks WHERE run = ? AND name = ?",
                (self._run, name),
            )
            self._owners[name] = row.fetchone()
        return self._owners[name]


def _beginnings(name: str) -> Iterator[str]:
    """What stands before each bracket of a name."""
    return (name[:at] for at, sign in enumerate(name) if sign == "[")
