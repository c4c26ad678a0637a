"""Names and their dependencies: what is unknown, what waits for itself, what comes before and after what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain


class Graph:
    """The tasks of a job, each with the tasks that must complete first.

    `names` are in file order. `dependencies` and `dependents` hold each known name once;
    dependencies that are no task are in `unknown()` only. Every method takes linear time and no recursion.
    """

    def __init__(self, dependencies: Mapping[str, Sequence[str]]) -> None:
        self.names: tuple[str, ...] = tuple(dependencies)
        self.dependencies: dict[str, tuple[str, ...]] = {
            name: tuple(dict.fromkeys(one for one in named if one in dependencies))
            for name, named in dependencies.items()
        }
        self.dependents: dict[str, list[str]] = {name: [] for name in self.names}
        for name, known in self.dependencies.items():
            for dependency in known:
                self.dependents[dependency].append(name)
        self._unknown = [
            (name, one)
            for name, named in dependencies.items()
            for one in dict.fromkeys(named)
            if one not in dependencies
        ]

    def unknown(self) -> list[tuple[str, str]]:
        """Pairs of a task and a dependency of it that is no task."""
        return list(self._unknown)

    def find_cycle(self) -> list[str] | None:
        """One ring of tasks that wait for each other, each for the next and the last for the first."""
        return next(iter(self.cycles()), None)

    def cycles(self) -> list[list[str]]:
        """Rings of tasks that wait for each other, no task in two of them, empty if the graph can be run.

        Rings that share a task with one in the list are left out. Each ring begins with its first task in file order.
        """
        done: set[str] = set()
        rings: list[list[str]] = []
        for name in self.names:
            if name not in done:
                rings += self._rings_from(name, done)
        return [self._shortened(ring) for ring in rings]

    def _rings_from(self, start: str, done: set[str]) -> list[list[str]]:
        """Walk everything that `start` waits for, depth first; a dependency that is on the path closes a ring."""
        rings: list[list[str]] = []
        path = [start]
        position = {start: 0}
        ahead = [iter(self.dependencies[start])]
        taken = 0  # path[:taken] holds every task on the path that is in a ring already
        while path:
            dependency = next(ahead[-1], None)
            if dependency is None:
                ahead.pop()
                done.add(path[-1])
                del position[path.pop()]
                taken = min(taken, len(path))
            elif dependency in position:
                if position[dependency] >= taken:
                    rings.append(path[position[dependency] :])
                    taken = len(path)
            elif dependency not in done:
                position[dependency] = len(path)
                path.append(dependency)
                ahead.append(iter(self.dependencies[dependency]))
        return rings

    def _shortened(self, ring: list[str]) -> list[str]:
        """The shortest ring through the first task in file order that uses only tasks of `ring`."""
        members = set(ring)
        start = next(name for name in self.names if name in members) if len(ring) > 1 else ring[0]
        came_from: dict[str, str] = {}
        front = [start]
        while start not in came_from:
            following = []
            for name in front:
                for dependency in self.dependencies[name]:
                    if dependency in members and dependency not in came_from:
                        came_from[dependency] = name
                        following.append(dependency)
            front = following
        backwards = [start]
        while (before := came_from[backwards[-1]]) != start:
            backwards.append(before)
        return [start, *reversed(backwards[1:])]

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """Every task that must complete before one of `names` can start."""
        return _reached(names, self.dependencies)

    def descendants(self, names: Iterable[str]) -> set[str]:
        """Every task that cannot start before one of `names` completed."""
        return _reached(names, self.dependents)

    def longest_remaining_path(self) -> dict[str, int]:
        """For each task the number of tasks, itself included, on the longest way to a task that nobody waits for.

        Raises ValueError if tasks wait for each other.
        """
        waiting = {name: len(found) for name, found in self.dependents.items()}
        length = {name: 1 for name, count in waiting.items() if not count}
        ready = list(length)
        for name in ready:  # grows while it is walked
            for dependency in self.dependencies[name]:
                length[dependency] = max(length.get(dependency, 0), length[name] + 1)
                waiting[dependency] -= 1
                if not waiting[dependency]:
                    ready.append(dependency)
        if len(ready) < len(self.names):
            raise ValueError("tasks wait for each other")
        return length


def _reached(names: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    front = list(chain.from_iterable(edges[name] for name in names))
    reached: set[str] = set()
    while front:
        name = front.pop()
        if name not in reached:
            reached.add(name)
            front.extend(edges[name])
    return reached
