"""Inbox: what has happened, until the plan is told of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence

from .instruction import Instruction

Happened = Callable[[], Sequence[Instruction]]
"""Tells the plan what has happened, and gives what it wants done then."""
Put = Callable[[Happened], None]


class Inbox:
    """Whatever happens is put here, and wakes the loop."""

    def __init__(self) -> None:
        self._waiting: deque[Happened] = deque()
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, happened: Happened) -> None:
        """Tell the plan of this in the next turn."""
        self._waiting.append(happened)
        self._wake.set()

    def empty(self) -> list[Instruction]:
        """Tell the plan everything, also what comes meanwhile, and give what it wants done."""
        instructions: list[Instruction] = []
        while self._waiting:
            instructions += self._waiting.popleft()()
        return instructions

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until there is something, or until so many seconds have passed; 0 only lets others have their turn."""
        if seconds == 0:
            await asyncio.sleep(0)
        elif not self._waiting and seconds is None:
            await self._wake.wait()
        elif not self._waiting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
        self._wake.clear()
