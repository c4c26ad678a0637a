"""Slots: how many attempts may run at the same time, in all and under each named limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Protocol

from ..dataclass import dataclass
from .graph import Graph

if TYPE_CHECKING:
    from ..usual import Usual

ALL = "*"
"""The limit that holds for every task."""

Rank = tuple[int, ...]
"""Smallest first: minus priority, minus length of the remaining path, position in the file, position of an item."""

_PERHAPS = 1
"""Of an outside limit that is to be asked."""


class OutsideLimit(Protocol):
    """A limit that is not this plan's alone, so its slots are asked for."""

    def take(self) -> bool:
        """Called for a task that may start but for this limit. False: there is no slot now."""

    def give_back(self) -> None:
        """Called when the task has ended."""


def _no_limits(_name: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Admission:
    """By what rules tasks that are ready start: under which limits, and which of them first."""

    slots: Mapping[str, int | OutsideLimit] = field(default_factory=dict)
    """Numbers of slots by the name of the limit; `ALL` holds for every task."""
    limits_of: Callable[[str], tuple[str, ...]] = _no_limits
    """Names the other limits that hold for a task."""
    usual: Usual | None = None
    """Tells how long the rest of the job takes after a task; without it, its tasks are counted."""

    def remaining(self, graph: Graph) -> dict[str, int]:
        """For each task how much of the job comes after it, on the longest way."""
        usual = self.usual
        if not usual:
            return graph.longest_remaining_path()
        return graph.longest_remaining_path(lambda name: 0 if name in graph.members else _milliseconds(usual, name))


def _milliseconds(usual: Usual, name: str) -> int:
    """What a task usually takes. Two digits, so that tasks that take about as long keep their order from run to run."""
    return 1 + int(float(f"{usual.guess(name):.2g}") * 1000)


class Slots:
    """The ready tasks in order, and the limits that hold them back.

    Tasks under the same limits wait in one lane, so that a full pool never delays those of another.
    """

    def __init__(self, limits: Mapping[str, int | OutsideLimit]) -> None:
        self._outside = {name: limit for name, limit in limits.items() if not isinstance(limit, int)}
        self._free = {name: limit if isinstance(limit, int) else _PERHAPS for name, limit in limits.items()}
        self._lanes: dict[tuple[str, ...], list[tuple[Rank, str]]] = {}
        self._withdrawn: set[str] = set()
        self._lane_of: dict[tuple[str, ...], tuple[str, ...]] = {}

    def add(self, name: str, rank: Rank, limits: Iterable[str]) -> None:
        """A task is ready. `limits` names those that hold for it; names without a limit are passed over."""
        own = tuple(limits)
        lane = self._lane_of.get(own)
        if lane is None:
            lane = self._lane_of[own] = tuple(limit for limit in own if limit in self._free)
        heappush(self._lanes.setdefault(lane, []), (rank, name))

    def take(self) -> str | None:
        """The task to start next, with a slot taken for it under each of its limits; None if there is none."""
        while (best := self._best()) is not None:
            ready = self._lanes[best]
            name = ready[0][1]
            if name not in self._withdrawn and self._outside and not self._is_admitted(best):
                continue
            heappop(ready)
            if not ready:
                del self._lanes[best]
            if name not in self._withdrawn:
                for limit in best:
                    if limit not in self._outside:
                        self._free[limit] -= 1
                return name
            self._withdrawn.discard(name)
        return None

    def _is_admitted(self, lane: tuple[str, ...]) -> bool:
        """A slot of the outside limit of a lane was taken, if it has one: no task has two pools."""
        for limit in lane:
            if limit in self._outside and not self._outside[limit].take():
                self._free[limit] = 0
                return False
        return True

    @property
    def awaited(self) -> dict[str, str]:
        """The outside limits that had no slot, by the first of the tasks that wait for one."""
        if not self._outside:
            return {}
        return {
            waiting[0][1]: limit
            for lane, waiting in self._lanes.items()
            for limit in lane
            if limit in self._outside and not self._free[limit]
        }

    def look_again(self) -> None:
        """Outside limits that had no slot may have one now."""
        self._free |= dict.fromkeys(self._outside, _PERHAPS)

    def _best(self) -> tuple[str, ...] | None:
        best: tuple[str, ...] | None = None
        first: tuple[Rank, str] | None = None
        for lane, waiting in self._lanes.items():
            if (first is None or waiting[0] < first) and self._has_room(lane):
                best, first = lane, waiting[0]
        return best

    def withdraw(self, name: str) -> None:
        """A task that is ready shall not start any more."""
        self._withdrawn.add(name)

    def give_back(self, limits: Iterable[str]) -> None:
        """An attempt has ended: its slots are free again."""
        for limit in limits:
            if limit in self._outside:
                self._outside[limit].give_back()
                self._free[limit] = _PERHAPS
            elif limit in self._free:
                self._free[limit] += 1

    def clear(self) -> list[str]:
        """Forget all ready tasks, and name them."""
        forgotten = [name for lane in self._lanes.values() for _rank, name in lane if name not in self._withdrawn]
        self._lanes.clear()
        self._withdrawn.clear()
        return forgotten

    def _has_room(self, lane: tuple[str, ...]) -> bool:
        for limit in lane:  # noqa: SIM110  a generator takes several times as long, and this is asked for each start
            if self._free[limit] <= 0:
                return False
        return True
