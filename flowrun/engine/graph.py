"""Names and their dependencies: what is unknown, what waits for itself, what comes before and after what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain


def _one(_name: str) -> int:
    return 1


class Graph:
    """The tasks of a job, each with the tasks that must complete first.

    `names` are in file order. `dependencies` and `dependents` hold each known name once;
    dependencies that are no task are in `unknown()` only. Every method takes linear time and no recursion.

    A group waits for its members, and its members for what the group waits for: `needs` and `needed_by` say so.
    """

    def __init__(
        self,
        dependencies: Mapping[str, Sequence[str]],
        members: Mapping[str, Sequence[str]] = {},
        follows: Mapping[str, str] = {},
    ) -> None:
        """`members` are those of each group. `follows` names the task that a member only comes after."""
        self.names: tuple[str, ...] = tuple(dependencies)
        self.dependencies: dict[str, tuple[str, ...]] = {
            name: tuple(dict.fromkeys(one for one in named if one in dependencies)) if named else ()
            for name, named in dependencies.items()
        }
        dependents: dict[str, list[str]] = {}
        for name, known in self.dependencies.items():
            for dependency in known:
                dependents.setdefault(dependency, []).append(name)
        self.dependents: dict[str, Sequence[str]] = {name: dependents.get(name, ()) for name in self.names}
        self._unknown = [
            (name, one)
            for name, named in dependencies.items()
            for one in dict.fromkeys(named)
            if one not in dependencies
        ]
        self.members = {name: tuple(those) for name, those in members.items()}
        self.parents = {member: name for name, those in members.items() for member in those}
        self.follows = follows
        self.needs: Mapping[str, Sequence[str]] = self.dependencies
        self.needed_by: Mapping[str, Sequence[str]] = self.dependents
        if members:
            self.needs = {name: tuple(dict.fromkeys(self._all_needs(name))) for name in self.names}
            self.needed_by = _reversed(self.needs)

    def _all_needs(self, name: str) -> Iterator[str]:
        yield from self.dependencies[name]
        yield from self.members.get(name, ())
        group = self.parents.get(name)
        while group is not None:
            yield from self.dependencies[group]
            group = self.parents.get(group)

    def within(self, names: Iterable[str]) -> set[str]:
        """These, and whatever is in those of them that are groups."""
        return set(names) | (_reached(names, _Members(self.members)) if self.members else set())

    def around(self, names: Iterable[str]) -> set[str]:
        """The groups that these are in, at any depth."""
        groups: set[str] = set()
        for name in names:
            group = self.parents.get(name)
            while group is not None and group not in groups:
                groups.add(group)
                group = self.parents.get(group)
        return groups

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
        ahead = [iter(self.needs[start])]
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
                ahead.append(iter(self.needs[dependency]))
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
                for dependency in self.needs[name]:
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
        return _reached(names, self.needs)

    def descendants(self, names: Iterable[str]) -> set[str]:
        """Every task that cannot start before one of `names` completed."""
        return _reached(names, self.needed_by)

    def longest_remaining_path(self, cost: Callable[[str], int] = _one) -> dict[str, int]:
        """For each task what the longest way to a task that nobody waits for costs, the task itself included.

        Without `cost` it is the number of tasks. Raises ValueError if tasks wait for each other.
        """
        return _longest_ways(self.needed_by, self.needs, cost)

    def levels(self) -> dict[str, int]:
        """For each task the number of tasks, itself included, on the longest way to it from one that waits for nobody.

        Raises ValueError if tasks wait for each other.
        """
        return _longest_ways(self.needs, self.needed_by, _one)


def _longest_ways(
    behind: Mapping[str, Sequence[str]], ahead: Mapping[str, Sequence[str]], cost: Callable[[str], int]
) -> dict[str, int]:
    """What the longest way to each name costs, from one that has nothing `behind` it."""
    waiting = {name: len(found) for name, found in behind.items()}
    ready = [name for name, count in waiting.items() if not count]
    length = dict.fromkeys(ready, 0)
    for name in ready:  # grows while it is walked
        length[name] += cost(name)
        for further in ahead[name]:
            length[further] = max(length.get(further, 0), length[name])
            waiting[further] -= 1
            if not waiting[further]:
                ready.append(further)
    if len(ready) < len(waiting):
        raise ValueError("tasks wait for each other")
    return length


class _Members(dict[str, tuple[str, ...]]):
    def __missing__(self, name: str) -> tuple[str, ...]:
        return ()


def _reversed(edges: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    back: dict[str, list[str]] = {name: [] for name in edges}
    for name, others in edges.items():
        for other in others:
            back[other].append(name)
    return back


def _reached(names: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    front = list(chain.from_iterable(edges[name] for name in names))
    reached: set[str] = set()
    while front:
        name = front.pop()
        if name not in reached:
            reached.add(name)
            front.extend(edges[name])
    return reached
