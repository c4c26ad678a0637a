"""Readers: who has yet to read which result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..jobdefinition.flat import Flat
from .graph import Graph

if TYPE_CHECKING:
    from ..expressions.of_task import TaskExpressions


class Readers:
    """The tasks that refer to others and have not ended. A group is read with all that is in it."""

    def __init__(self, expressions: Mapping[str, TaskExpressions], graph: Graph, flat: Flat) -> None:
        self._read_by: dict[str, set[str]] = {}
        for name, found in expressions.items():
            named = {flat.resolve(name, reference.task) for reference in found.references}
            self._read_by[name] = graph.within([one for one in named if one is not None])
        self._wanted_again: set[str] = set()
        self._left = Counter(one for those in self._read_by.values() for one in those)

    def wait_for(self, name: str) -> bool:
        """Somebody has yet to read the result of this task."""
        return name in self._left

    def are_done_with(self, name: str) -> bool:
        """Nobody waits for the result of this task, and those who read it need not be performed again."""
        return name not in self._left and name not in self._wanted_again

    def ended(self, name: str, *, has_completed: bool = True) -> list[str]:
        """A task ended: it reads no more. Gives the tasks whose results nobody waits for from now on."""
        let_go = []
        read = self._read_by.pop(name, ())
        if not has_completed:
            self._wanted_again.update(read)
        for one in read:
            self._left[one] -= 1
            if not self._left[one]:
                del self._left[one]
                let_go.append(one)
        return let_go
