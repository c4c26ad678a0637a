"""Grouping: names of tasks that cannot stand beside each other once members are called after their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.problem import Problem

from .flat import Flat
from .keypath import GROUPS, KeyPath
from .origins import Origins
from .task_definition import TaskDefinition
from .wording import plain


def grouping_problems(written: Mapping[str, TaskDefinition], flat: Flat, origins: Origins) -> Iterator[Problem]:
    """What is wrong with the names of the tasks in `written`, which were made `flat`."""
    if flat.members:
        yield from _problems_below(written, "", ("tasks",), flat, origins)
    for name in flat.tasks:
        if name.endswith("]") and (fan := _fan_of(name, flat)):
            message = f"task `{plain(name)}` is called like an item of `{plain(fan)}`"
            yield _at_key("FR103", message, flat.path_of(name), origins)


def _problems_below(
    tasks: Mapping[str, TaskDefinition], group: str, path: KeyPath, flat: Flat, origins: Origins
) -> Iterator[Problem]:
    for short, task in tasks.items():
        name = f"{group}/{short}" if group else short
        here = (*path, short)
        if group and "/" in short:
            message = f"the name `{plain(short)}` of a member of `{plain(group)}` must be without `/`"
            label = "`/` stands between a group and its members"
            yield _at_key("FR105", message, here, origins, label)
        if flat.path_of(name) != here:
            other = origins.key(flat.path_of(name))
            label = f"the other is in line {other.line}" if other.line else ""
            yield _at_key("FR103", f"two tasks are called `{plain(name)}`", here, origins, label)
        elif task.is_group:
            kind = GROUPS[0] if task.serial is not None else GROUPS[1]
            yield from _problems_below(task.members, name, (*here, kind), flat, origins)


def _fan_of(name: str, flat: Flat) -> str | None:
    """The task with `foreach` or `matrix` of which `name` could be an item."""
    start = name.find("[")
    while start > 0:
        fan = flat.tasks.get(name[:start])
        if fan is not None and fan.is_fan:
            return name[:start]
        start = name.find("[", start + 1)
    return None


def _at_key(code: str, message: str, path: KeyPath, origins: Origins, label: str = "") -> Problem:
    return Problem(code, message, origins.key(path), origins.spelled(path), label)
