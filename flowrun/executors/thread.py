"""ThreadExecutor: attempts in a bounded pool of threads of the runner's process."""

from __future__ import annotations

import os
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import ClassVar

from pydantic import Field, PrivateAttr

from ..attempt import Attempt, Outcome
from .executor import DirectExecutor, Emit, Ended, Workplace, executor
from .failure import outcome_of
from .perform import Station, perform_here
from .resident import Residence, Resident


@executor
class ThreadExecutor(DirectExecutor):
    """No isolation. An abort sets `self.aborting`; a thread that does not look is left behind after the grace time."""

    is_resident: ClassVar[bool] = True

    slots: int = Field(default=min(32, (os.cpu_count() or 1) + 4), ge=1)
    """Number of threads."""

    __slots__ = ("_pool",)  # not a private attribute: that is slow, and it is asked for in every attempt

    _workplace: Workplace = PrivateAttr()

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._pool: _Pool | None = None

    @property
    def max_slots(self) -> int | None:
        return self.slots

    async def on_create(self) -> None:
        self._pool = _Pool(Residence(self._workplace), self.slots)

    async def on_destroy(self) -> None:
        if self._pool is not None:
            self._pool.dismiss()

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        self._its_pool.admit(attempt, emit, ended)

    async def abort(self, attempt: Attempt) -> None:
        if resident := self._its_pool.residence.find(attempt):
            resident.switch.ask()

    async def kill(self, attempt: Attempt) -> None:
        """A thread cannot be killed: it is left behind, and another takes its place."""
        pool = self._its_pool
        if resident := pool.residence.find(attempt):
            resident.settle(Outcome.aborted("did not end when it was asked to").but(abandoned=True))
            pool.add_thread()

    @property
    def _its_pool(self) -> _Pool:
        pool = self._pool
        if pool is None:
            raise RuntimeError("the executor was not created")
        return pool


class _Pool:
    """The threads, which are started when they are first needed, and the attempts that wait for one."""

    def __init__(self, residence: Residence, slots: int) -> None:
        self.residence = residence
        self._slots = slots
        self._work: SimpleQueue[Resident | None] = SimpleQueue()
        self._threads: list[Thread] = []

    def admit(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed."""
        resident = self.residence.admit(attempt, emit, ended)
        if len(self._threads) < min(self._slots, len(self.residence)):
            self.add_thread()
        self._work.put(resident)

    def add_thread(self) -> None:
        """One more thread, also in place of one that is left behind."""
        name, context = f"flowrun-{len(self._threads) + 1}", copy_context()  # what is around the engine is around tasks
        thread = Thread(target=context.run, args=(self._serve,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def dismiss(self) -> None:
        """Let each thread end when it has nothing to do."""
        for _ in self._threads:
            self._work.put(None)

    # On the threads of the pool:

    def _serve(self) -> None:
        while (resident := self._work.get()) is not None:
            spoken, station = resident.equipped()
            with spoken.speaking():
                outcome = _perform(resident.attempt, self.residence.workplace, station)
            resident.finish(outcome)


def _perform(attempt: Attempt, workplace: Workplace, station: Station) -> Outcome:
    try:
        return perform_here(attempt, workplace.variants[attempt.variant], station)
    except BaseException as error:  # a thread that dies would take its slot with it
        return outcome_of(error)
