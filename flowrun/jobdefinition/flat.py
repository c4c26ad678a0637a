"""Flat: the tasks of a job without nesting. A member of a group is called after it, as in `etl/extract`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from ..dataclass import dataclass
from .keypath import GROUPS, KeyPath
from .task_definition import TaskDefinition


@dataclass(frozen=True, slots=True)
class Flat:
    """The tasks of a job by their full names, each member right after the group that it is in.

    A group stays among them. In a job without groups all tables are empty.
    """

    tasks: Mapping[str, TaskDefinition]
    """In file order. Dependencies are full names; what names no task is left as it is written."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """The group of each member."""
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The members of each group, in file order, without those of groups in it."""
    follows: Mapping[str, str] = field(default_factory=dict)
    """For members of serial groups the one before, where they depend on it only because of the order."""
    paths: Mapping[str, KeyPath] = field(default_factory=dict)
    """Where each member is written, as in ("tasks", "etl", "serial", "extract")."""
    hidden: frozenset[str] = frozenset()
    """Full names of tasks that are written, and of which nothing more is known because of a mistake in them."""
    implied: Mapping[str, Mapping[str, KeyPath]] = field(default_factory=dict)
    """The dependencies of each task that come of its expressions alone, with the path of such an expression."""

    def resolve(self, at: str, name: str) -> str | None:
        """The full name of what `name` means, written in the task `at`; None if it names no task.

        Looked for among the tasks beside `at`, then beside each group around it, from the inside out.
        """
        if not self.parents:
            return name if name in self.tasks or name in self.hidden else None
        for group in (*self.groups_around(at), ""):
            full = f"{group}/{name}" if group else name
            if full in self.tasks or full in self.hidden:
                return full
        return None

    def groups_around(self, name: str) -> Iterator[str]:
        """The groups that a task is in, from the inside out."""
        parent = self.parents.get(name)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def vars_of(self, name: str, of_job: Mapping[str, Any]) -> Mapping[str, Any]:
        """What expressions in a task see as `vars`: those of the job, and above them those of its groups, outer first.

        A group sees its own.
        """
        definition = self.tasks[name]
        layers = [definition.vars] if definition.vars else []
        layers += [found for group in self.groups_around(name) if (found := self.tasks[group].vars)]
        if not layers:
            return of_job
        seen = dict(of_job)
        for layer in reversed(layers):
            seen.update(layer)
        return seen

    def path_of(self, name: str) -> KeyPath:
        """Where a task is written."""
        return self.paths.get(name) or ("tasks", name)

    def waits(self) -> dict[str, tuple[str, ...]]:
        """What must have ended before each task can end: its dependencies, those of its groups, and its members."""
        if not self.members:
            return {name: task.depends_on for name, task in self.tasks.items()}
        waits: dict[str, tuple[str, ...]] = {}
        begins: dict[str, tuple[str, ...]] = {}
        for name, task in self.tasks.items():  # a group stands before its members
            of_groups = begins[self.parents[name]] if name in self.parents else ()
            begins[name] = tuple(dict.fromkeys((*task.depends_on, *of_groups)))
            waits[name] = (*begins[name], *self.members.get(name, ()))
        return waits


def flatten(tasks: Mapping[str, TaskDefinition], hidden: frozenset[str] = frozenset()) -> Flat:
    """The tasks without nesting. Of two with one name the first is taken; `grouping_problems` tells of the other.

    A job without groups is given back as it is.
    """
    if not any(task.serial is not None or task.parallel is not None for task in tasks.values()):
        return Flat(tasks, hidden=hidden)
    walk = _Walk()
    walk.through(tasks, "", ("tasks",))
    flat = Flat(walk.tasks, walk.parents, walk.members, {}, walk.paths, hidden)
    follows: dict[str, str] = {}
    for name, task in walk.tasks.items():
        walk.tasks[name] = _with_full_names(name, task, flat, walk.before.get(name), follows)
    return Flat(walk.tasks, walk.parents, walk.members, follows, walk.paths, hidden)


class _Walk:
    """Goes through groups in file order and notes what is where."""

    def __init__(self) -> None:
        self.tasks: dict[str, TaskDefinition] = {}
        self.parents: dict[str, str] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        self.before: dict[str, str] = {}
        self.paths: dict[str, KeyPath] = {}

    def through(self, tasks: Mapping[str, TaskDefinition], group: str, path: KeyPath) -> list[str]:
        """Note every task below `path`, and give the full names of those that stand directly there."""
        names = []
        for short, task in tasks.items():
            name = f"{group}/{short}" if group else short
            if name in self.tasks:
                continue
            names.append(name)
            self.tasks[name] = task
            if group:
                self.parents[name] = group
                self.paths[name] = (*path, short)
            if task.is_group:
                self._into(name, task, (*path, short))
        return names

    def _into(self, name: str, group: TaskDefinition, path: KeyPath) -> None:
        self.members[name] = ()
        kind = GROUPS[0] if group.serial is not None else GROUPS[1]
        members = self.members[name] = tuple(self.through(group.members, name, (*path, kind)))
        if group.serial is not None:
            self.before.update(zip(members[1:], members, strict=False))


def _with_full_names(
    name: str, task: TaskDefinition, flat: Flat, before: str | None, follows: dict[str, str]
) -> TaskDefinition:
    """The task with the full names of its dependencies, in their order, and after them the one before it."""
    needed = tuple(flat.resolve(name, one) or one for one in task.depends_on)
    if before is not None and before not in needed:
        needed = (*needed, before)
        follows[name] = before
    return task if needed == task.depends_on else task.model_copy(update={"depends_on": needed})
