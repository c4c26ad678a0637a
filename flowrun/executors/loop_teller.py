"""LoopTeller: what an attempt in the runner's process says of its progress, brought to the engine not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..eventbus.progress import PROGRESS_SECONDS, Progress


class LoopTeller:
    """Passes progress on at most every 200 ms. What comes sooner waits, and what comes after it takes its place."""

    __slots__ = ("_call", "_is_called", "_latest", "_may_pass_at", "_pass_on", "_passed")

    def __init__(self, call: Callable[[Callable[[], None]], None], pass_on: Callable[[Progress], None]) -> None:
        """`call` has a function called on the engine's thread, and `pass_on` is called there."""
        self._call = call
        self._pass_on = pass_on
        self._latest: Progress | None = None
        self._passed: Progress | None = None
        self._is_called = False
        self._may_pass_at = 0.0

    def tell(self, progress: Progress) -> None:
        """Pass it on now or soon. Any thread may call it."""
        self._latest = progress
        if not self._is_called:
            self._is_called = True
            self._call(self._look)

    # On the engine's thread:

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._may_pass_at - loop.time()
        if left > 0:
            loop.call_later(left, self.flush)
        else:
            self.flush()

    def flush(self) -> None:
        """Pass on what waits."""
        self._is_called = False  # before the look: what is told from now on calls again
        progress = self._latest
        if progress is not None and progress is not self._passed:
            self._passed = progress
            self._may_pass_at = asyncio.get_running_loop().time() + PROGRESS_SECONDS
            self._pass_on(progress)
