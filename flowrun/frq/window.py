"""Window: how many attempts of a client are in Redis at the same time. The others wait here, in their order."""

from __future__ import annotations

import asyncio
from collections import deque

SMALLEST = 32
"""So many are there even if no worker is, so that the first one finds something to do."""


class Window:
    """Priority, fairness and cheap cancels stay with the client as long as an attempt has not entered."""

    def __init__(self, size: int = SMALLEST) -> None:
        self._size = size
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait until there is room. May be cancelled."""
        if self._inside < self._size and not self._waiting:
            self._inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """An attempt that entered has ended."""
        self._inside -= 1
        self._admit()

    def resize(self, size: int) -> None:
        """Have room for so many."""
        self._size = max(size, SMALLEST)
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < self._size:
            turn = self._waiting.popleft()
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
