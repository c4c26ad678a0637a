"""CoroutineExecutor: attempts as coroutines on an event loop of its own thread."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from threading import Thread

from pydantic import PrivateAttr

from ..attempt import Attempt, Outcome
from .executor import Emit, Executor, Workplace, executor
from .failure import outcome_of
from .perform import perform
from .post import Post
from .resident import Resident

_LAST_WAIT_SECONDS = 1.0


@executor
class CoroutineExecutor(Executor):
    """No isolation. The loop has a thread of its own, so that a task that blocks it cannot stall the engine."""

    _workplace: Workplace = PrivateAttr()
    _crew: _Crew | None = PrivateAttr(default=None)

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def on_create(self) -> None:
        self._crew = _Crew(self._workplace)

    async def on_destroy(self) -> None:
        if self._crew is not None:
            await self._crew.leave()

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        return await self._its_crew.carry(attempt, emit)

    async def abort(self, attempt: Attempt) -> None:
        if resident := self._its_crew.resident(attempt):
            resident.switch.ask()

    async def kill(self, attempt: Attempt) -> None:
        """A coroutine that swallows its cancellation, or blocks the loop, is left behind."""
        if resident := self._its_crew.resident(attempt):
            resident.settle(Outcome.aborted("did not end when it was asked to").but(abandoned=True))

    @property
    def _its_crew(self) -> _Crew:
        if self._crew is None:
            raise RuntimeError("the executor was not created")
        return self._crew


class _Crew:
    """The event loop of the attempts, in its thread. Many attempts are handed over at one waking."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._post = Post()
        self._waiting: deque[Resident] = deque()
        self._is_called = False
        self._residents: dict[str, Resident] = {}
        self._performances: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        Thread(target=self._serve, name="flowrun-async", daemon=True).start()

    async def carry(self, attempt: Attempt, emit: Emit) -> Outcome:
        """Have an attempt performed and wait for its outcome."""
        resident = Resident(attempt, emit, self._workplace, self._post)
        self._residents[attempt.id] = resident
        self._waiting.append(resident)
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon_threadsafe(self._take)
        try:
            return await resident.outcome
        finally:
            del self._residents[attempt.id]

    def resident(self, attempt: Attempt) -> Resident | None:
        """The attempt, if it is under way."""
        return self._residents.get(attempt.id)

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
            self._post.put(self._ended.set)

    def _take(self) -> None:
        self._is_called = False
        while self._waiting:
            performance = self._loop.create_task(self._perform(self._waiting.popleft()))
            self._performances.add(performance)
            performance.add_done_callback(self._performances.discard)

    async def _perform(self, resident: Resident) -> None:
        attempt = resident.attempt
        try:
            with resident.spoken.speaking():
                variant = self._workplace.variants[attempt.variant]
                outcome = await perform(attempt, variant, resident.station)
        except BaseException as error:  # one task must not end the loop of all others
            outcome = outcome_of(error)
        resident.finish(outcome)
