"""Families: the groups and the items among the tasks of a running job, and what has become of the items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from ..eventbus.execution import TERMINAL, ExecutionState, ExecutionStateTransition, ItemsFound
from ..jobdefinition.task_definition import TaskDefinition

_S = ExecutionState

FEW_ITEMS = 20
"""Of so many items each is told of, and of more only those that fail, the first of them."""

_REST = {_S.COMPLETED: _S.SKIP, _S.FAILED: _S.DEFAULTED}
"""What becomes of items that were never started when their task has come to this. Else it is the same."""


class Items:
    """What has become of the items of one task so far."""

    def __init__(self, found: ItemsFound) -> None:
        self.name = found.name
        self.total = found.items
        self.kept = found.kept
        self.counts: Counter[ExecutionState] = Counter({_S.PENDING: found.items - found.kept, _S.COMPLETED: found.kept})
        self.running: dict[str, None] = {}
        """Names, in order of their start."""
        self.failures_told = 0

    def note(self, e: ExecutionStateTransition) -> None:
        """Note a transition of an item."""
        self.counts[e.from_state] -= 1
        self.counts[e.to_state] += 1
        self.running.pop(e.name, None)
        if e.to_state is _S.RUNNING:
            self.running[e.name] = None

    def close(self, state: ExecutionState) -> None:
        """The task has ended: items that have not started stay as they are."""
        self.counts[_REST.get(state, state)] += self.counts.pop(_S.PENDING, 0)

    @property
    def ended(self) -> int:
        """How many have ended."""
        return sum(number for state, number in self.counts.items() if state in TERMINAL)

    @property
    def are_few(self) -> bool:
        """Each is told of."""
        return self.total <= FEW_ITEMS

    def is_told(self, e: ExecutionStateTransition) -> bool:
        """The transition of this item is worth telling. Asked once."""
        if self.are_few:
            return True
        if e.to_state is not _S.FAILED or self.failures_told >= FEW_ITEMS:
            return False
        self.failures_told += 1
        return True

    def __str__(self) -> str:
        """`12 of 100, 2 failed`."""
        bad = ((_S.FAILED, "failed"), (_S.ABORTED, "stopped"), (_S.DEFAULTED, "not started"))
        words = [f"{self.counts[state]:,} {word}" for state, word in bad if self.counts[state]]
        return ", ".join([f"{self.ended:,} of {self.total:,}", *words])


class Families:
    """The groups and the items among the tasks of a running job. Of a name that is not known nothing is assumed."""

    def __init__(self, task: Callable[[str], TaskDefinition | None]) -> None:
        """`task` gives the definition of a task, if it is known."""
        self._task = task
        self._items: dict[str, Items] = {}
        self._never_opened: set[str] = set()

    def open(self, found: ItemsFound) -> Items:
        """The items of a task are known."""
        items = self._items[found.name] = Items(found)
        return items

    def note(self, e: ExecutionStateTransition) -> Items | None:
        """Note a transition; gives the items of which it is one."""
        if e.to_state in TERMINAL:
            if e.from_state is not _S.RUNNING and e.to_state is not _S.COMPLETED and self.is_group(e.name):
                self._never_opened.add(e.name)
            elif (own := self._items.get(e.name)) is not None:
                own.close(e.to_state)
        items = self.around(e.name) if self._items else None
        if items is not None:
            items.note(e)
        return items

    def is_group(self, name: str) -> bool:
        """It is a group: nothing that runs itself."""
        task = self._task(name)
        return task is not None and task.is_group

    def of(self, name: str) -> Items | None:
        """The items of a task that is performed for each of some; None before they are known."""
        return self._items.get(name)

    def around(self, name: str) -> Items | None:
        """The items of which this is one."""
        if not name.endswith("]"):
            return None
        cuts = (at for at, sign in enumerate(name) if sign == "[")
        return next((self._items[name[:at]] for at in cuts if name[:at] in self._items), None)

    def goes_with_group(self, name: str) -> bool:
        """The task ended without being started because a group around it did, of which was told."""
        if not self._never_opened:
            return False
        return any(name[:at] in self._never_opened for at, sign in enumerate(name) if sign == "/")
