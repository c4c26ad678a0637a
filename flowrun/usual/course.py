"""Course: what the tasks of a job wait for, the slots that they share, and how long the rest of it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from ..dataclass import dataclass
from .usual import Usual
from .ways import lengths

ALL = "*"
"""The limit that holds for every task."""
_LEAST_SHARE = 0.05
"""How fast a task is cannot be told before so much of it is done."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a task."""

    seconds: float
    """Until it has ended, once it can start."""
    work: float
    """Of its attempts together."""


@dataclass(frozen=True, slots=True)
class ItemsLeft:
    """How far a task with items has come."""

    total: int
    ended: int
    """Those that are kept among them."""
    kept: int = 0
    running: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """What the tasks of a job wait for, and the slots that they share."""

    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Groups wait for their members, and members for what their group waits for."""
    slots: Mapping[str, int] = field(default_factory=dict)
    """By the name of the limit, at least 1; what is not there has no limit."""
    limits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The limits of each task that has others than `ALL`."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """Of tasks with items that limit how many run at once."""
    after_failure: Collection[str] = ()
    """Tasks that run only if something failed."""

    def remaining_seconds(self, rests: Mapping[str, Rest]) -> float:
        """How long it takes until all of these have ended: the longest way, or the work if there are too few slots."""
        path = max(lengths(self.needs, {name: rest.seconds for name, rest in rests.items()}).values(), default=0.0)
        work = dict.fromkeys(self.slots, 0.0)
        for name, rest in rests.items():
            for limit in (ALL, *self.limits.get(name, ())):
                if limit in work:
                    work[limit] += rest.work
        return max([path, *(work[limit] / slots for limit, slots in self.slots.items())])

    def width(self, name: str, items: int) -> int:
        """How many items of a task run at once, at most."""
        limits = [self.slots.get(limit, items) for limit in (ALL, *self.limits.get(name, ()))]
        return max(1, min(items, self.widths.get(name, items), *limits))


def rest_of(usual: Usual, name: str, elapsed: float, share: float | None = None) -> Rest | None:
    """What is left of a task, `elapsed` seconds after its start; None: too little is known.

    The more of it is done, the more counts how fast it went until now. `share` is what is done, if the task says so.
    """
    as_usual = max(0.0, usual.guess(name) - elapsed) if usual else None
    if share is None or share < _LEAST_SHARE:
        return None if as_usual is None else Rest(as_usual, as_usual)
    seconds = elapsed * (1 - share) / share
    if as_usual is not None:
        seconds = share * seconds + (1 - share) * as_usual
    return Rest(seconds, seconds)


def rest_of_items(course: Course, usual: Usual, name: str, items: ItemsLeft, elapsed: float) -> Rest | None:
    """What is left of a task with items: as usual at first, and more and more as fast as in this run until now."""
    done, left = items.ended - items.kept, items.total - items.ended
    one = usual.items.get(name)
    if one:
        width = course.width(name, max(items.total, 1))
        begun = min(1.0, max(0.0, elapsed / one - done / width))  # how far those are that run now
        part = items.running * begun
        pace = (elapsed + one) / (done + part + width)
    elif done < max(1, items.running):  # the first of many that run at once says little
        return rest_of(usual, name, elapsed)
    else:
        width, begun = max(1, items.running), 0.5
        part = items.running * begun
        pace = elapsed / (done + part)
    last = pace * width * (1 - begun) if left else 0.0
    seconds = max(last, pace * (left - part))
    return Rest(seconds, pace * width * max(0.0, left - part))
