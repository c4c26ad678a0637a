"""Definition: the job definition of a run, as the history keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .row import Row


@dataclass(frozen=True, slots=True)
class TaskNode(Row):
    """A task of the definition: what it depends on, and what it is in."""

    name: str
    kind: Literal["task", "group", "items"]
    variant: str
    parent: str
    executor: str
    dependencies: Sequence[str]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Definition:
    """The job definition of a run."""

    digest: str
    tasks: Sequence[TaskNode]
    """Flat, in the order of the job; groups come before their members."""
    merged: Mapping[str, Any]
    """As `flowrun show --json` gives it; values from the environment as they are written."""
    origins: Mapping[str, str]
    """`file:line` of each value, by its path, as in `tasks.load.parameters.day`; of a very large job, of tasks only."""
    files: Sequence[str]
    """What was read, the main file first."""

    def written(self, name: str) -> Mapping[str, Any]:
        """What is written of a task; of a member of a group, what stands in the group."""
        inside: Any = self.merged.get("tasks")
        entry: Any = {}
        for step in name.split("/"):
            entry = inside.get(step) if isinstance(inside, Mapping) else None
            if not isinstance(entry, Mapping):
                return {}
            inside = entry.get("serial") or entry.get("parallel")
        found: Mapping[str, Any] = entry
        return found

    def group_kind(self, name: str) -> Literal["serial", "parallel"]:
        """How the members of a group are performed."""
        return "serial" if "serial" in self.written(name) else "parallel"
