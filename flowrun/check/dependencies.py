"""Dependencies: names that are no task, and tasks that wait for each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..engine.graph import Graph
from ..jobdefinition.model import TaskDefinition
from ..jobdefinition.origins import Origins
from ..jobdefinition.wording import plain
from ..problem import Place, Problem
from .suggestions import Suggestions, did_you_mean, listed

MAX_LINE = 220
MAX_LINES = 4
"""A ring is printed in lines of so many characters, and so many of them; the rest is counted."""


def dependency_problems(
    tasks: Mapping[str, TaskDefinition], others: Collection[str], origins: Origins, suggestions: Suggestions
) -> Iterator[Problem]:
    """What is wrong with the dependencies of `tasks`. `others` are in the file too, with mistakes of their own."""
    graph = Graph({name: task.depends_on for name, task in tasks.items()})
    here = f"tasks here: {listed(map(plain, graph.names))}"
    for name, dependency in graph.unknown():
        if dependency not in others:
            path = ("tasks", name, "dependencies", tasks[name].depends_on.index(dependency))
            shown = origins.shown(path) if origins.is_tainted(path) else dependency
            near = suggestions.nearest(dependency, "task", graph.names)
            message = f"task `{plain(name)}` depends on `{plain(shown)}`, but no task is named so"
            notes = () if near else (here,)
            yield Problem("FR302", message, origins.value(path), origins.spelled(path), did_you_mean(near), notes)
    for ring in graph.cycles():
        yield _ring_problem(ring, tasks, origins)


def _ring_problem(ring: list[str], tasks: Mapping[str, TaskDefinition], origins: Origins) -> Problem:
    paths = [
        ("tasks", name, "dependencies", tasks[name].depends_on.index(following))
        for name, following in zip(ring, [*ring[1:], ring[0]], strict=True)
    ]
    place, path = origins.value(paths[0]), origins.spelled(paths[0])
    if len(ring) == 1:
        return Problem("FR301", f"task `{plain(ring[0])}` depends on itself", place, path, "remove this dependency")
    links = list(_links(ring, [origins.value(path) for path in paths]))
    message = f"{len(ring)} tasks wait for each other in a cycle and none can start"
    return Problem("FR301", message, place, path, notes=(*_in_lines(links), "remove one of these dependencies"))


def _links(ring: list[str], places: list[Place]) -> Iterator[str]:
    """Each task with the place of the dependency that leads on; the file is named where it changes."""
    file = ""
    for name, place in zip(ring, places, strict=True):
        line = f":{place.line}" if place.line else ""
        where = line if place.file == file else f"{place.file}{line}"
        yield f"{plain(name)} ({where})" if where else plain(name)
        file = place.file
    yield plain(ring[0])


def _in_lines(links: list[str]) -> list[str]:
    lines = [""]
    for index, link in enumerate(links):
        text = f" → {link}" if index else link
        if len(lines[-1]) + len(text) > MAX_LINE and lines[-1]:
            if len(lines) == MAX_LINES:
                lines[-1] += f" → … {len(links) - index - 1} more … → {links[-1]}"
                break
            lines.append("")
        lines[-1] += text
    return [line.strip() for line in lines]
