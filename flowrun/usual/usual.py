"""Usual: how long the tasks of a job usually take, as far as that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ..dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Usual:
    """How long the tasks of a job usually take, in seconds. It is false as long as nothing is known."""

    tasks: Mapping[str, float] = field(default_factory=dict)
    """Of a group, or a task with items, all of it."""
    items: Mapping[str, float] = field(default_factory=dict)
    """One item, by the task that it is an item of."""
    others: float = 0.0
    """A task that is not among them."""

    def __bool__(self) -> bool:
        """Something is known."""
        return bool(self.tasks)

    def of(self, name: str) -> float | None:
        """A task, or an item called `NAME[key]`; None: it is not known."""
        found = self.tasks.get(name)
        if found is not None or not name.endswith("]"):
            return found
        return next((self.items[owner] for owner in _owners(name) if owner in self.items), None)

    def guess(self, name: str) -> float:
        """As `of`; if it is not known, what tasks of this job take."""
        found = self.of(name)
        return self.others if found is None else found


def _owners(item: str) -> list[str]:
    return [item[:at] for at, sign in enumerate(item) if sign == "["]
