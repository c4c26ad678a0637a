"""HistoryRecorder: writes down what happens in a run, for those who look at it later."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from ..eventbus.execution import SerializableExecutionEvent
from ..lifecycle import AsyncLifecycle
from .book import Book

if TYPE_CHECKING:
    import asyncio

_ALIVE_SECONDS = 1.0
_ALIVE_SHARE = 0.02
"""A sign of life is written at most so often, and of a long run more seldom: after this share of its time."""


class HistoryRecorder(AsyncLifecycle):
    """An extension that no job file names. Appends lines to a file of its own, those of a batch at once.

    No database is touched while a job runs. If the file cannot be written, a notice says so, once, and the rest of
    the run is not recorded.
    """

    takes_batches: ClassVar[bool] = True
    hears_within_seconds: ClassVar[float] = 0.1
    """Others are watching."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._alive: asyncio.TimerHandle | None = None

    @property
    def notices(self) -> list[str]:
        """Why nothing more is recorded."""
        return self._book.notices

    async def on_create(self) -> None:
        """Open the file, and say whose it is; the job definition follows while the job begins."""
        import asyncio

        self._book.open()
        loop = asyncio.get_running_loop()
        loop.call_soon(self._book.define)

        def wake() -> None:
            with suppress(RuntimeError):  # the loop is closed: what is left is taken at the end
                loop.call_soon_threadsafe(self._book.write)

        self._book.positions.listen(wake)
        self._live_on(loop, loop.time())

    def _live_on(self, loop: asyncio.AbstractEventLoop, began: float) -> None:
        """Write signs of life: of a run that was killed nobody says when."""

        def tell() -> None:
            self._book.tell_alive(time.time())
            self._live_on(loop, began)

        self._alive = loop.call_later(max(_ALIVE_SECONDS, _ALIVE_SHARE * (loop.time() - began)), tell)

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Keep what happened; what a batch has brought is written when the batch is over."""
        if self._book.note(e):
            import asyncio

            asyncio.get_running_loop().call_soon(self._book.write)

    async def on_destroy(self) -> None:
        """Write what is left. The file stays open until it is known how the job ended."""
        if self._alive is not None:
            self._alive.cancel()
        self._book.settle()

    def conclude(self, ending: Mapping[str, Any]) -> None:
        """Write how the job ended. Called when everything else of it is over, or when it could not begin."""
        if not self._book.is_begun:
            self._book.open()
            self._book.define()
        self._book.close(ending)
