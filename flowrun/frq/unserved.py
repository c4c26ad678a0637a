"""Unserved: handlers that no live worker offers, how long that has been so, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..duration import duration
from .fleet import Worker

_MENTIONED_AFTER_SECONDS = 30.0
_MOST_SHOWN = 5


class Unserved:
    """Says after half a minute which handlers nobody offers, and after the stated time that they will not be."""

    def __init__(self, queue: str, limit_seconds: float, say: Callable[[str], None]) -> None:
        """`say` tells a person."""
        self._queue = queue
        self._limit_seconds = limit_seconds
        self._mentioned_after_seconds = min(_MENTIONED_AFTER_SECONDS, limit_seconds / 2)
        self._say = say
        self._since: dict[str, float] = {}
        self._looked_at = 0.0
        self._mentioned: set[str] = set()

    @property
    def pause_seconds(self) -> float:
        """How often to look."""
        return min(5.0, max(0.1, self._mentioned_after_seconds / 2))

    def look(self, wanted: Iterable[str], workers: Sequence[Worker], now: float) -> dict[str, str]:
        """Handlers that are to be given up, with the reason. `wanted` are those of attempts that are not over.

        Time in which nobody looked, because Redis was away, does not count.
        """
        if now - self._looked_at > 10 * self.pause_seconds:
            self._since = {}
        self._looked_at = now
        offered = {name for worker in workers for name in worker.handlers}
        missing = set(wanted) - offered
        self._since = {name: self._since.get(name, now) for name in missing}
        self._mentioned &= missing
        given_up: dict[str, str] = {}
        for name, since in sorted(self._since.items()):
            waited = now - since
            if waited >= self._limit_seconds:
                given_up[name] = f"{self._sentence(name, workers)}; waited {duration(waited)}"
            elif waited >= self._mentioned_after_seconds and name not in self._mentioned:
                self._mentioned.add(name)
                self._say(f"{self._sentence(name, workers)}; waiting up to {duration(self._limit_seconds)}")
        return given_up

    def _sentence(self, handler: str, workers: Sequence[Worker]) -> str:
        head = f"no worker of the queue {self._queue!r} offers {handler!r}"
        if not workers:
            return f"{head}; no worker is alive there"
        return f"{head}; there are: {offered_where(workers)}"


def offered_where(workers: Sequence[Worker]) -> str:
    """What is offered by whom, in one line."""
    shown = [f"{worker.name} ({', '.join(_few(sorted(worker.handlers)))})" for worker in workers]
    return ", ".join(_few(shown))


def _few(names: list[str]) -> list[str]:
    more = len(names) - _MOST_SHOWN
    return names if more <= 0 else [*names[:_MOST_SHOWN], f"{more} more"]
