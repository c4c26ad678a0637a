"""Ways: how long it takes to come to the end of each task, through all that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Needs = Mapping[str, Sequence[str]]


def lengths(needs: Needs, seconds: Mapping[str, float]) -> dict[str, float]:
    """For each task the seconds on the longest way that ends with it. One that is not in `seconds` takes none."""
    waiting = {name: len(found) for name, found in needs.items()}
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, found in needs.items():
        for one in found:
            needed_by[one].append(name)
    length: dict[str, float] = {}
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:  # grows while it is walked
        length[name] = seconds.get(name, 0.0) + max((length[one] for one in needs[name]), default=0.0)
        for dependent in needed_by[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                ready.append(dependent)
    return length


def longest_way(needs: Needs, seconds: Mapping[str, float]) -> list[str]:
    """The tasks, each after one that it needs, that take longest together; those in `seconds` only."""
    return list(_back_from_end(needs, lengths(needs, seconds), seconds))[::-1]


def _back_from_end(needs: Needs, length: Mapping[str, float], seconds: Mapping[str, float]) -> Iterator[str]:
    name = max(reversed(list(length)), key=length.__getitem__, default=None)  # of equal ends the last
    while name is not None:
        if name in seconds:
            yield name
        name = max(needs[name], key=length.__getitem__, default=None)
