"""FakeClock: a clock on which pauses take no time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ..engine.clock import Clock


class FakeClock(Clock):
    """Stands still but for the pauses between attempts, which are noted instead of waited for."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        """`start` is the time at which the job begins."""
        self._time = start
        self.pauses: dict[str, list[float]] = {}
        """The pauses of each task in seconds."""

    def now(self) -> datetime:
        return self._time

    def pause(self, task: str, seconds: float, then: Callable[[], None]) -> None:
        import asyncio

        self.pauses.setdefault(task, []).append(seconds)
        self._time += timedelta(seconds=seconds)
        asyncio.get_running_loop().call_soon(then)
