"""HereExecutor: attempts as coroutines on the event loop that the engine itself runs on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ClassVar

from pydantic import PrivateAttr

from ..attempt import Attempt, Outcome, Reason
from .executor import DirectExecutor, Emit, Ended, Workplace, executor
from .resident import Residence, Resident


@executor
class HereExecutor(DirectExecutor):
    """No isolation and no thread: what a task in a job in Python awaits belongs to the loop of the caller."""

    is_resident: ClassVar[bool] = True

    __slots__ = ("_attempts", "_loop", "_residence")  # not private attributes: those are slow

    _workplace: Workplace = PrivateAttr()

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def on_create(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._residence = Residence(self._workplace, _Hand(self._loop))
        self._attempts: set[asyncio.Task[None]] = set()

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        resident = self._residence.admit(attempt, emit, ended)
        resident.worker = task = self._loop.create_task(self._perform(resident))
        self._attempts.add(task)
        task.add_done_callback(self._attempts.discard)

    async def abort(self, attempt: Attempt) -> None:
        if resident := self._residence.find(attempt):
            resident.switch.ask()

    async def kill(self, attempt: Attempt) -> None:
        """A coroutine that swallows its cancellation is left behind."""
        if resident := self._residence.find(attempt):
            resident.settle(Outcome.aborted("did not end when it was asked to").but(abandoned=True))

    async def _perform(self, resident: Resident) -> None:
        outcome = await resident.perform()
        if outcome.error_types[:1] == ("CancelledError",):
            outcome = outcome.but(reason=Reason.ABORTED, message="the task cancelled itself")
        resident.finish(outcome)


class _Hand:
    """Brings what attempts have to say to the engine: at once, or from a thread that a task has started, soon."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = threading.get_ident()

    def put(self, call: Callable[..., None], *arguments: object) -> None:
        if threading.get_ident() == self._thread:
            call(*arguments)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)
