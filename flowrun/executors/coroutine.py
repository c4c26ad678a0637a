"""CoroutineExecutor: attempts as coroutines on an event loop of its own thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from threading import Thread
from typing import ClassVar

from pydantic import PrivateAttr

from ..attempt import Attempt, Outcome
from .executor import DirectExecutor, Emit, Ended, Workplace, executor
from .resident import Residence, Resident

_LAST_WAIT_SECONDS = 1.0


@executor
class CoroutineExecutor(DirectExecutor):
    """No isolation. The loop has a thread of its own, so that a task that blocks it cannot stall the engine."""

    is_resident: ClassVar[bool] = True

    __slots__ = ("_crew",)  # not a private attribute: that is slow, and it is asked for in every attempt

    _workplace: Workplace = PrivateAttr()

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._crew: _Crew | None = None

    async def on_create(self) -> None:
        self._crew = _Crew(Residence(self._workplace))

    async def on_destroy(self) -> None:
        if self._crew is not None:
            await self._crew.leave()

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        self._its_crew.admit(attempt, emit, ended)

    async def abort(self, attempt: Attempt) -> None:
        if resident := self._its_crew.residence.find(attempt):
            resident.switch.ask()

    async def kill(self, attempt: Attempt) -> None:
        """A coroutine that swallows its cancellation, or blocks the loop, is left behind."""
        crew = self._its_crew
        if resident := crew.residence.find(attempt):
            crew.left_behind.append(resident.worker)
            resident.settle(Outcome.aborted("did not end when it was asked to").but(abandoned=True))

    @property
    def _its_crew(self) -> _Crew:
        crew = self._crew
        if crew is None:
            raise RuntimeError("the executor was not created")
        return crew


class _Crew:
    """The event loop of the attempts, in its thread. Many attempts are handed over at one waking."""

    def __init__(self, residence: Residence) -> None:
        self.residence = residence
        self.left_behind: list[object] = []
        """They may still be at work, and a loop keeps nothing alive by itself."""
        self._waiting: deque[Resident] = deque()
        self._is_called = False
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        Thread(target=self._serve, name="flowrun-async", daemon=True).start()

    def admit(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed."""
        self._waiting.append(self.residence.admit(attempt, emit, ended))
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon_threadsafe(self._take)

    async def leave(self) -> None:
        """End the loop. One that a task blocks is left behind."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WAIT_SECONDS):
                await self._ended.wait()

    # On the thread of the loop:

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()
            self.residence.post.put(self._ended.set)

    def _take(self) -> None:
        self._is_called = False
        while self._waiting:
            resident = self._waiting.popleft()
            resident.worker = self._loop.create_task(self._perform(resident))

    async def _perform(self, resident: Resident) -> None:
        resident.finish(await resident.perform())
