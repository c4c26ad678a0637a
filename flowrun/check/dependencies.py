"""Dependencies: names that are no task, and tasks that wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..engine.graph import Graph
from ..jobdefinition import Loaded
from ..jobdefinition.doubts import Doubts
from ..jobdefinition.flat import Flat
from ..jobdefinition.keypath import GROUPS
from ..jobdefinition.task_definition import TaskDefinition
from ..jobdefinition.wording import plain
from ..problem import Problem
from .suggestions import Suggestions, did_you_mean, listed


def dependency_problems(
    tasks: Mapping[str, TaskDefinition], loaded: Loaded, suggestions: Suggestions
) -> Iterator[Problem]:
    """What is wrong with the dependencies of `tasks`, beside what was found while loading."""
    flat = replace(loaded.flat, tasks=tasks)
    graph = Graph({name: task.depends_on for name, task in tasks.items()})
    if unknown := graph.unknown():
        yield from _unknown_problems(unknown, flat, loaded, suggestions)
    rings = (Graph(flat.waits()) if flat.members else graph).cycles()
    if rings:
        from .rings import ring_problem

        yield from (ring_problem(ring, flat, loaded.origins) for ring in rings)


def _unknown_problems(
    unknown: Iterable[tuple[str, str]], flat: Flat, loaded: Loaded, suggestions: Suggestions
) -> Iterator[Problem]:
    origins, doubts = loaded.origins, loaded.doubts
    names = list(dict.fromkeys([*flat.tasks, *doubts.names_below(("tasks",))]))
    allowed: dict[str | None, list[str]] = {None: names}
    here = f"tasks here: {listed(map(plain, names))}"
    for name, dependency in unknown:
        path = ("tasks", name, "dependencies", flat.tasks[name].depends_on.index(dependency))
        if doubts.cover(path) or _may_be_hidden(name, dependency, flat, doubts):
            continue
        group = flat.parents.get(name)
        if group not in allowed:
            allowed[group] = [*(one.rpartition("/")[2] for one in flat.members.get(group or "", ())), *names]
        near = suggestions.nearest(dependency, f"task in {group}" if group else "task", allowed[group])
        near = None if near == name.rpartition("/")[2] else near
        shown = origins.shown(path) if origins.is_tainted(path) else dependency
        message = f"task `{plain(name)}` depends on `{plain(shown)}`, but no task is named so"
        notes = () if near else (here,)
        yield Problem("FR302", message, origins.value(path), origins.spelled(path), did_you_mean(near), notes)


def _may_be_hidden(at: str, name: str, flat: Flat, doubts: Doubts) -> bool:
    """What `name` means, written in the task `at`, may be a task with a mistake, or in a group with one."""
    for full in (name, *(f"{group}/{name}" for group in flat.groups_around(at))):
        steps = full.split("/")
        above = ["/".join(steps[:length]) for length in range(1, len(steps))]
        paths = [("tasks", full), *(("tasks", one, *it) for one in above for it in ((), *((kind,) for kind in GROUPS)))]
        if any(map(doubts.may_hide, paths)):
            return True
    return False
