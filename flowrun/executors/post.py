"""Post: what workers in other threads of this process have to say, brought to the engine's thread in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Post:
    """A letter box. Any thread puts calls in; they are made on the engine's thread, many at one waking."""

    def __init__(self) -> None:
        """Call it on the engine's thread, inside its event loop."""
        self._loop = asyncio.get_running_loop()
        self._calls: deque[tuple[Callable[..., None], tuple[object, ...]]] = deque()
        self._is_called = False

    def put(self, call: Callable[..., None], *arguments: object) -> None:
        """Have a call made soon. Never blocks; after the loop has ended nothing happens any more."""
        if self._loop.is_closed():  # a worker that was left behind still speaks
            return
        self._calls.append((call, arguments))
        if not self._is_called:
            self._is_called = True
            try:
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop is closed: the job is over
                self._calls.clear()

    def _deliver(self) -> None:
        self._is_called = False
        while self._calls:
            call, arguments = self._calls.popleft()
            call(*arguments)
