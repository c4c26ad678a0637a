"""Groups: members that run one after the other, or at the same time."""

from __future__ import annotations

from typing import Any, ClassVar

from .member import Member, place_of_caller
from .members import Members


class Group(Member[dict[str, Any]], Members):
    """Several tasks or groups as one. Its result is a mapping of theirs by name."""

    kind: ClassVar[str]

    def __init__(self, *members: Any, name: str | None = None, **keys: Any) -> None:
        """`members` are functions, classes, names of registered ones, and groups. `keys` are those of a group."""
        Members.__init__(self)
        self.place = place_of_caller()
        self.is_in = None
        self.parameters = {}
        self.keys = keys
        self.output = True
        self.target = None
        self.name = name if name is not None else self.kind
        self._take(members)

    def changed(self) -> None:
        self.version += 1
        if self.is_in is not None:
            self.is_in.changed()


class Serial(Group):
    """Its members run one after the other; after a failure the rest is not started, unless `on_failure="continue"`."""

    kind = "serial"


class Parallel(Group):
    """Its members run at the same time, as far as their dependencies allow."""

    kind = "parallel"
