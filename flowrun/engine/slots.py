"""Slots: how many attempts may run at the same time, in all and under each named limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

Rank = tuple[int, int, int]
"""Smallest first: minus priority, minus length of the remaining path, position in the file."""


class Slots:
    """The ready tasks in order, and the limits that hold them back.

    Tasks under the same limits wait in one lane, so that a full pool never delays those of another.
    """

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._free = dict(limits)
        self._lanes: dict[tuple[str, ...], list[tuple[Rank, str]]] = {}

    def add(self, name: str, rank: Rank, limits: Iterable[str]) -> None:
        """A task is ready. `limits` names those that hold for it; names without a limit are passed over."""
        lane = tuple(limit for limit in limits if limit in self._free)
        heappush(self._lanes.setdefault(lane, []), (rank, name))

    def take(self) -> str | None:
        """The task to start next, with a slot taken for it under each of its limits; None if there is none."""
        best = min(
            (lane for lane in self._lanes if self._has_room(lane)), key=lambda lane: self._lanes[lane][0], default=None
        )
        if best is None:
            return None
        for limit in best:
            self._free[limit] -= 1
        _rank, name = heappop(self._lanes[best])
        if not self._lanes[best]:
            del self._lanes[best]
        return name

    def give_back(self, limits: Iterable[str]) -> None:
        """An attempt has ended: its slots are free again."""
        for limit in limits:
            if limit in self._free:
                self._free[limit] += 1

    def clear(self) -> None:
        """Forget all ready tasks."""
        self._lanes.clear()

    def _has_room(self, lane: tuple[str, ...]) -> bool:
        return all(self._free[limit] > 0 for limit in lane)
