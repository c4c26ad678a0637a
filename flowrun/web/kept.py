"""Kept: what was made last for runs that are over, of which nothing changes any more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from ..history.rows import RunRow

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made last, a few of a kind."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def of(self, run: RunRow, make: Callable[[], T]) -> T:
        """What `make` gives; of a run that is over it is asked once. One that is continued is another one."""
        if not run.is_over:
            return make()
        key = (run.id, run.starts, run.state, run.ended)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made
