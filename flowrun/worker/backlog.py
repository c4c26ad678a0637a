"""Backlog: what attempts have said and Redis has not heard yet."""

from __future__ import annotations

import asyncio

MOST_BYTES = 16 << 20


class Backlog:
    """What the attempts of a worker have said and Redis has not yet."""

    def __init__(self) -> None:
        self._bytes = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def is_full(self) -> bool:
        """So much waits that attempts should not be listened to."""
        return self._bytes > MOST_BYTES

    def add(self, size: int) -> None:
        """So many bytes more wait, or less."""
        self._bytes += size
        if self.is_full:
            self._has_room.clear()
        else:
            self._has_room.set()

    async def wait_for_room(self) -> None:
        """Returns when less waits."""
        await self._has_room.wait()
