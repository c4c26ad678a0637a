"""Summary: how a job went, in one line, for those who do not see it run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from ..duration import duration
from ..eventbus.execution import TERMINAL, ExecutionState, ExecutionStateTransition, ItemsFound
from ..jobdefinition.task_definition import TaskDefinition
from ..plaintext import plain_line
from .families import Families, Items

_WORDS = {
    ExecutionState.COMPLETED: "completed",
    ExecutionState.FAILED: "failed",
    ExecutionState.DEFAULTED: "blocked",
    ExecutionState.ABORTED: "stopped",
    ExecutionState.SKIP: "skipped",
}


class Summary:
    """Counts the tasks that have ended."""

    def __init__(self, task: Callable[[str], TaskDefinition | None] = lambda _name: None) -> None:
        """`task` gives the definition of a task, if it is known."""
        self._families = Families(task)
        self._items: list[Items] = []
        self._counts: Counter[ExecutionState] = Counter()
        self._job_name = ""
        self._began: datetime | None = None
        self._ended: datetime | None = None

    def note(self, e: ExecutionStateTransition) -> None:
        """Note a transition."""
        self._began = self._began or e.timestamp
        self._ended = e.timestamp
        self._job_name = e.job_name or self._job_name
        items = self._families.note(e)
        is_one = items is None and self._families.of(e.name) is None and not self._families.is_group(e.name)
        if is_one and e.to_state in TERMINAL:
            self._counts[e.to_state] += 1

    def open(self, e: ItemsFound) -> None:
        """The items of a task are counted in its place."""
        self._items.append(self._families.open(e))

    def line(self, verdict: str) -> str:
        """`nightly failed in 2m 41s: 6 completed, 1 failed, 2 blocked`; empty if nothing was heard."""
        if self._began is None or self._ended is None:
            return ""
        took = duration((self._ended - self._began).total_seconds())
        all_counts = sum((items.counts for items in self._items), self._counts)
        counts = ", ".join(f"{number} {word}" for state, word in _WORDS.items() if (number := all_counts[state]))
        return f"{plain_line(self._job_name)} {verdict} in {took}: {counts}"
