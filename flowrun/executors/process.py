"""ProcessExecutor: every attempt in a process of its own, forked from a warm starter."""

from __future__ import annotations

import resource
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import PrivateAttr

from ..attempt import Attempt
from .executor import DirectExecutor, Emit, Ended, Workplace, executor
from .launch import launch

if TYPE_CHECKING:
    from .carrier import ProcessCarrier

_DESCRIPTORS_OF_AN_ATTEMPT = 3
_DESCRIPTORS_KEPT_FREE = 40
_MOST_AT_ONCE = 1000


@executor
class ProcessExecutor(DirectExecutor):
    """Full isolation: own process, own session and group; TERM to abort, KILL of the group after the grace time."""

    start_method: Literal["fork", "spawn"] = "fork"
    """`spawn` starts a new interpreter for each attempt, for code that must not be forked."""

    __slots__ = ("_carrier",)  # not a private attribute: that is slow, and it is asked for in every attempt

    _workplace: Workplace = PrivateAttr()
    _starter: tuple[int, socket.socket] = PrivateAttr()
    _slots: int = PrivateAttr(default=_MOST_AT_ONCE)

    def prepare(self, workplace: Workplace) -> None:
        self.take_over(workplace, launch(workplace, self.start_method))

    def take_over(self, workplace: Workplace, starter: tuple[int, socket.socket]) -> None:
        """Called in place of `prepare`, with a starter that was launched already."""
        self._workplace = workplace
        self._carrier: ProcessCarrier | None = None
        self._starter = starter
        self._slots = _affordable_attempts()  # after the fork: attempts keep the limit they were given

    @property
    def max_slots(self) -> int | None:
        return self._slots

    @property
    def is_gone(self) -> bool:
        """The starter has ended: nothing can begin any more."""
        return self._carrier is not None and self._carrier.is_gone

    async def on_create(self) -> None:
        from .carrier import ProcessCarrier  # not before the fork: a starter without asyncio forks faster

        self._carrier = ProcessCarrier(self._workplace, self.start_method, *self._starter)

    async def on_destroy(self) -> None:
        if self._carrier is None:  # the job could not begin, but the starter is there
            await self.on_create()
        await self._its_carrier.close()

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        if self._workplace.hands_live and attempt.parameters:
            attempt = _encoded(attempt)
        self._its_carrier.begin(attempt, emit, ended)

    async def abort(self, attempt: Attempt) -> None:
        self._its_carrier.command(attempt, b"A")

    async def kill(self, attempt: Attempt) -> None:
        self._its_carrier.command(attempt, b"K")

    @property
    def _its_carrier(self) -> ProcessCarrier:
        carrier = self._carrier
        if carrier is None:
            raise RuntimeError("the executor was not created")
        return carrier


def _encoded(attempt: Attempt) -> Attempt:
    """The attempt as it can travel: parameters of a job in Python may be values that JSON does not know."""
    from .. import values

    plain, given = {}, dict(attempt.given)
    for name, value in attempt.parameters.items():
        if isinstance(value, str | int | float | bool | None):
            plain[name] = value
        elif name not in given:
            given[name] = values.encode(value)
    return replace(attempt, parameters=plain, given=given)


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
