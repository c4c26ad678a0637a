"""ProcessExecutor: every attempt in a process of its own, forked from a warm starter."""

from __future__ import annotations

import resource
import socket
from typing import TYPE_CHECKING, Literal

from pydantic import PrivateAttr

from ..attempt import Attempt, Outcome
from .executor import Emit, Executor, Workplace, executor
from .starter import launch

if TYPE_CHECKING:
    from .carrier import ProcessCarrier

_DESCRIPTORS_OF_AN_ATTEMPT = 3
_DESCRIPTORS_KEPT_FREE = 40
_MOST_AT_ONCE = 1000


@executor
class ProcessExecutor(Executor):
    """Full isolation: own process, own session and group; TERM to abort, KILL of the group after the grace time."""

    start_method: Literal["fork", "spawn"] = "fork"
    """`spawn` starts a new interpreter for each attempt, for code that must not be forked."""

    _workplace: Workplace = PrivateAttr()
    _starter: tuple[int, socket.socket] = PrivateAttr()
    _slots: int = PrivateAttr(default=_MOST_AT_ONCE)
    _carrier: ProcessCarrier | None = PrivateAttr(default=None)

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._starter = launch(workplace, self.start_method)
        self._slots = _affordable_attempts()  # after the fork: attempts keep the limit they were given

    @property
    def max_slots(self) -> int | None:
        return self._slots

    async def on_create(self) -> None:
        from .carrier import ProcessCarrier  # not before the fork: a starter without asyncio forks faster

        self._carrier = ProcessCarrier(self._workplace, self.start_method, *self._starter)

    async def on_destroy(self) -> None:
        if self._carrier is None:  # the job could not begin, but the starter is there
            await self.on_create()
        await self._its_carrier.close()

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        return await self._its_carrier.carry(attempt, emit)

    async def abort(self, attempt: Attempt) -> None:
        self._its_carrier.command(attempt, b"A")

    async def kill(self, attempt: Attempt) -> None:
        self._its_carrier.command(attempt, b"K")

    @property
    def _its_carrier(self) -> ProcessCarrier:
        if self._carrier is None:
            raise RuntimeError("the executor was not created")
        return self._carrier


def _affordable_attempts() -> int:
    """How many attempts the descriptors of this process allow, after raising the limit as far as it goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_AT_ONCE * 2 * _DESCRIPTORS_OF_AN_ATTEMPT + _DESCRIPTORS_KEPT_FREE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return _MOST_AT_ONCE
    room = (soft - _DESCRIPTORS_KEPT_FREE) // (2 * _DESCRIPTORS_OF_AN_ATTEMPT)
    return max(1, min(_MOST_AT_ONCE, room))
