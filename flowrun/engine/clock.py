"""Clock: the time as the engine sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..eventbus.event import now


class Clock:
    """The time as the engine sees it. A test may hand in one of its own."""

    def now(self) -> datetime:
        """The time of this moment, UTC."""
        return now()

    def pause(self, _task: str, seconds: float, then: Callable[[], None]) -> None:
        """Have `then` called when a task has paused so long before it is tried again."""
        import asyncio  # late, as in all that is imported before the first fork

        asyncio.get_running_loop().call_later(seconds, then)
