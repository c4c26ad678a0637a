"""CoroutineExecutor: attempts as coroutines on an event loop of its own thread."""

from __future__ import annotations

import asyncio
from collections import deque
from threading import Thread

from pydantic import PrivateAttr

from ..attempt import Attempt, Outcome
from .executor import Emit, Executor, Workplace, executor
from .failure import outcome_of
from .perform import perform
from .post import Post
from .resident import Resident


@executor
class CoroutineExecutor(Executor):
    """No isolation. The loop has a thread of its own, so that a task that blocks it cannot stall the engine."""

    _workplace: Workplace = PrivateAttr()
    _post: Post = PrivateAttr()
    _loop: asyncio.AbstractEventLoop | None = PrivateAttr(default=None)
    _thread: Thread | None = PrivateAttr(default=None)
    _waiting: deque[Resident] = PrivateAttr(default_factory=deque)
    _is_called: bool = PrivateAttr(default=False)
    _residents: dict[str, Resident] = PrivateAttr(default_factory=dict)
    _performances: set[asyncio.Task[None]] = PrivateAttr(default_factory=set)

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def on_create(self) -> None:
        self._post = Post()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=_serve, args=(self._loop,), name="flowrun-async", daemon=True)
        self._thread.start()

    async def on_destroy(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        resident = Resident(attempt, emit, self._workplace, self._post)
        self._residents[attempt.id] = resident
        self._waiting.append(resident)
        if not self._is_called:
            self._is_called = True
            self._its_loop.call_soon_threadsafe(self._take)
        try:
            return await resident.outcome
        finally:
            del self._residents[attempt.id]

    async def abort(self, attempt: Attempt) -> None:
        if resident := self._residents.get(attempt.id):
            resident.switch.ask()

    async def kill(self, attempt: Attempt) -> None:
        """A coroutine that swallows its cancellation, or blocks the loop, is left behind."""
        if resident := self._residents.get(attempt.id):
            resident.settle(Outcome.aborted("did not end when it was asked to").but(abandoned=True))

    @property
    def _its_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the executor was not created")
        return self._loop

    # On the thread of the loop:

    def _take(self) -> None:
        self._is_called = False
        while self._waiting:
            resident = self._waiting.popleft()
            performance = self._its_loop.create_task(self._perform(resident))
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


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
