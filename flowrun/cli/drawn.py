"""Drawn: a graph to be drawn: that of a job, or that of a run with where its tasks stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..history.definition import TaskNode
from .drawing import Dependencies, Groups, Looks
from .items_text import items_text
from .task_look import look_of

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..history.reader import History
    from ..history.rows import RunRow, TaskRow


@dataclass(frozen=True, slots=True)
class Drawn:
    """The tasks of a job or of a run, and what they depend on."""

    job: str
    nodes: Sequence[TaskNode]
    kinds: Mapping[str, str]
    """`serial` or `parallel`, of each group."""
    run: RunRow | None = None
    tasks: Mapping[str, TaskRow] = field(default_factory=dict)
    """Of a run."""

    @property
    def dependencies(self) -> Dependencies:
        """What each task depends on."""
        return {node.name: node.dependencies for node in self.nodes}

    def depending(self, dependencies: Dependencies) -> Drawn:
        """The same with other dependencies."""
        return replace(self, nodes=[replace(node, dependencies=dependencies[node.name]) for node in self.nodes])

    @property
    def groups(self) -> Groups:
        """The groups and their members."""
        members: dict[str, list[str]] = {name: [] for name in self.kinds}
        parents = {node.name: node.parent for node in self.nodes if node.parent}
        for name, parent in parents.items():
            members[parent].append(name)
        return Groups(self.kinds, members, parents)

    @property
    def looks(self) -> Looks:
        """Where the tasks of a run stand; of a job there is nothing."""
        if self.run is None:
            return {}
        known = (self.tasks[node.name] for node in self.nodes if node.name in self.tasks)
        return {task.name: look_of(task, is_over=self.run.is_over) for task in known}

    def remark(self, name: str) -> str:
        """How far the items of a task are."""
        return items_text(self.tasks[name]) if name in self.tasks else ""

    def record(self) -> dict[str, Any]:
        """The JSON form."""
        of_run = {"run": self.run.id, "state": self.run.state} if self.run is not None else {}
        return {"version": 1, "job": self.job, **of_run, "tasks": [self._task(node) for node in self.nodes]}

    def _task(self, node: TaskNode) -> dict[str, Any]:
        kind = {"kind": self.kinds[node.name]} if node.name in self.kinds else {"task": node.variant}
        state = {"state": self.tasks[node.name].state} if node.name in self.tasks else {}
        dependencies = list(node.dependencies)
        return {"name": node.name, **kind, "dependencies": dependencies, "group": node.parent or None, **state}


def drawn_job(job: OpenJob) -> Drawn:
    """The graph of a job as its file says it."""
    flat, tasks = job.loaded.flat, job.definition.tasks
    nodes = [
        TaskNode(
            name=name,
            kind="group" if task.is_group else "items" if task.is_fan else "task",
            variant=task.variant,
            parent=flat.parents.get(name, ""),
            executor=job.checked.executor_of.get(name, ""),
            dependencies=tuple(dict.fromkeys(task.depends_on)),
            file=(place := job.loaded.origins.key(flat.path_of(name))).file,
            line=place.line,
        )
        for name, task in tasks.items()
    ]
    kinds = {name: "serial" if tasks[name].serial is not None else "parallel" for name in flat.members}
    return Drawn(job.name, nodes, kinds)


def drawn_run(history: History, run: str) -> Drawn:
    """The graph of a run as the history has kept it. Raises UsageError if it has not."""
    row, definition = history.run(run), history.graph(run)
    if definition is None:
        raise UsageError(f"the history has no definition of run {run}, so its graph is not known")
    kinds = {node.name: definition.group_kind(node.name) for node in definition.tasks if node.kind == "group"}
    names = [node.name for node in definition.tasks]
    return Drawn(row.job, definition.tasks, kinds, row, {task.name: task for task in history.tasks(run, names)})
