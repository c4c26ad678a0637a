"""ProgressNotes: what attempts have said last of how far they are, until it is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from ..eventbus.progress import ProgressEvent

_INTERVAL_SECONDS = 1.0


class ProgressNotes:
    """Has a line about all attempts written, at most once a second, and the last one at the end."""

    def __init__(self, append: Callable[[str], None]) -> None:
        self._append = append
        self._latest: dict[tuple[str, int], ProgressEvent] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_at = 0.0

    def note(self, e: ProgressEvent) -> None:
        """Keep it until it is written. Called within an event loop."""
        self._latest[e.name, e.attempt] = e
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._next_at), self._write)

    def close(self) -> None:
        """Write what is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._write()

    def _write(self) -> None:
        self._timer = None
        self._next_at = asyncio.get_running_loop().time() + _INTERVAL_SECONDS
        latest, self._latest = self._latest, {}
        at = max(e.timestamp for e in latest.values()).timestamp()
        told = [[e.name, e.attempt, e.done, e.total, e.message] for e in latest.values()]
        self._append(f"{json.dumps(['progress', at, told])}\n")
