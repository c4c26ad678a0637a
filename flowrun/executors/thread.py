"""ThreadExecutor: attempts in a bounded pool of threads of the runner's process."""

from __future__ import annotations

import os
from queue import SimpleQueue
from threading import Thread

from pydantic import Field, PrivateAttr

from ..attempt import Attempt, Outcome
from .executor import Emit, Executor, Workplace, executor
from .failure import outcome_of
from .perform import perform_here
from .post import Post
from .resident import Resident


@executor
class ThreadExecutor(Executor):
    """No isolation. An abort sets `self.aborting`; a thread that does not look is left behind after the grace time."""

    slots: int = Field(default=min(32, (os.cpu_count() or 1) + 4), ge=1)
    """Number of threads."""

    _workplace: Workplace = PrivateAttr()
    _post: Post = PrivateAttr()
    _work: SimpleQueue[Resident | None] = PrivateAttr(default_factory=SimpleQueue)
    _threads: list[Thread] = PrivateAttr(default_factory=list)
    _residents: dict[str, Resident] = PrivateAttr(default_factory=dict)

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace

    @property
    def max_slots(self) -> int | None:
        return self.slots

    async def on_create(self) -> None:
        self._post = Post()

    async def on_destroy(self) -> None:
        for _ in self._threads:
            self._work.put(None)

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        resident = Resident(attempt, emit, self._workplace, self._post)
        self._residents[attempt.id] = resident
        if len(self._threads) < min(self.slots, len(self._residents)):
            self._add_thread()
        self._work.put(resident)
        try:
            return await resident.outcome
        finally:
            del self._residents[attempt.id]

    async def abort(self, attempt: Attempt) -> None:
        if resident := self._residents.get(attempt.id):
            resident.switch.ask()

    async def kill(self, attempt: Attempt) -> None:
        """A thread cannot be killed: it is left behind, and another takes its place."""
        if resident := self._residents.get(attempt.id):
            resident.settle(Outcome.aborted("did not end when it was asked to").but(abandoned=True))
            self._add_thread()

    def _add_thread(self) -> None:
        thread = Thread(target=self._serve, name=f"flowrun-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while (resident := self._work.get()) is not None:
            with resident.spoken.speaking():
                outcome = _perform(self._workplace, resident)
            resident.finish(outcome)


def _perform(workplace: Workplace, resident: Resident) -> Outcome:
    try:
        return perform_here(resident.attempt, workplace.variants[resident.attempt.variant], resident.station)
    except BaseException as error:  # a thread that dies would take its slot with it
        return outcome_of(error)
