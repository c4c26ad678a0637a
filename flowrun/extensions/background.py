"""Background: what is known of a job beside what happens in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from ..dataclass import dataclass
from ..jobdefinition.task_definition import TaskDefinition

if TYPE_CHECKING:
    from ..usual import Usual


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a job beside what happens in it. Extensions with a method `study` are given it.

    Of a task that is not in it, nothing is known.
    """

    tasks: Mapping[str, TaskDefinition] = field(default_factory=dict)
    dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dependents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pools: Mapping[str, int] = field(default_factory=dict)
    """Their slots."""
    log_of: Callable[[str], Path | None] = lambda _task: None
    """The file with what a task has said."""
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What tasks and groups wait for: groups for their members, and members for what their group waits for."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """The group that a task is in."""
    slots: int = 0
    """So many tasks run at the same time; 0: no limit."""
    skipped: Collection[str] = frozenset()
    """Tasks that this run leaves out."""
    usual: Callable[[], Usual] | None = None
    """Reads how long tasks took in earlier runs."""
    queued: Collection[str] = frozenset()
    """Tasks whose attempts wait for a worker elsewhere before they begin."""
    where: str = ""
    """` -C ROOT` for commands about the run, if they need it."""

    def task(self, name: str) -> TaskDefinition | None:
        """The definition of a task; that of `load` for its item `load[eu]`."""
        return self.tasks.get(name) or self.tasks.get(_without_item(name))

    def dependents_of(self, name: str) -> Sequence[str]:
        """The tasks that depend on one."""
        return self.dependents.get(name, ())

    def max_attempts(self, name: str) -> int:
        """Number of tries in all; 0 if that is not known."""
        task = self.task(name)
        return task.max_attempts if task else 0


def _without_item(name: str) -> str:
    return name.partition("[")[0]
