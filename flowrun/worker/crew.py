"""Crew: those who perform attempts, with the code of the project as it was at one moment."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from ..attempt import Attempt
from ..dataclass import dataclass
from ..discovery import discover, load_plugins
from ..errors import ModuleLoadError
from ..executors.executor import DirectExecutor, Emit, Ended, Workplace
from ..shared_values import SharedValues
from ..task import KnownVariants
from .offer import Offer, Stamps, offered

Isolation = Literal["process", "thread", "inline"]


class Hand:
    """Holds out the shared values of the attempt that begins."""

    def __init__(self) -> None:
        self.shared = SharedValues()

    def shared_of(self, _attempt: Attempt) -> SharedValues:
        """What `Workplace.shared_of` asks for when an attempt begins."""
        return self.shared


@dataclass(eq=False, slots=True)
class Crew:
    """An executor that is ready, and what it can perform."""

    offer: Offer
    executor: DirectExecutor
    hand: Hand
    stamps: Stamps
    """The files of the project when they were read."""
    has_lost_house: Callable[[], bool] = lambda: False
    """The process from which attempts are forked has ended."""
    busy: int = 0
    """Attempts under way."""
    is_dismissed: bool = False
    is_closed: bool = False

    @property
    def is_gone(self) -> bool:
        """Its house has ended: nothing can begin any more."""
        return self.has_lost_house()

    def begin(self, attempt: Attempt, shared: SharedValues, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed that sees these shared values; `ended` is called with its outcome."""
        self.hand.shared = shared
        self.executor.begin(attempt, emit, ended)
        self.busy += 1

    async def abort(self, attempt: Attempt) -> None:
        """Ask an attempt to end."""
        await self.executor.abort(attempt)

    async def kill(self, attempt: Attempt) -> None:
        """End an attempt at once."""
        await self.executor.kill(attempt)

    async def ended(self) -> None:
        """One of its attempts has ended: the last one of a crew that was dismissed closes it."""
        self.busy -= 1
        await self._close_if_idle()

    async def dismiss(self) -> None:
        """No more attempts come; those under way may end."""
        self.is_dismissed = True
        await self._close_if_idle()

    async def close(self) -> None:
        """End everything that is under way."""
        if not self.is_closed:
            self.is_closed = True
            await self.executor.on_destroy()

    async def _close_if_idle(self) -> None:
        if self.is_dismissed and self.busy == 0:
            await self.close()


async def open_crew(isolation: Isolation, slots: int, workplace: Workplace) -> Crew:
    """Read the project below `workplace.root` and make ready. Raises ModuleLoadError if its code ends the process."""
    hand = Hand()
    workplace = replace(workplace, is_remote=True, hands_on=True, shared_of=hand.shared_of)
    if isolation == "process":
        return await _housed(workplace, hand)
    return await _in_this_process(isolation, slots, workplace, hand)


async def _in_this_process(isolation: Isolation, slots: int, workplace: Workplace, hand: Hand) -> Crew:
    load_plugins()
    classes, offer = offered(discover(workplace.root, **workplace.discovery))
    executor = _thread_executor(slots) if isolation == "thread" else _coroutine_executor()
    executor.prepare(replace(workplace, variants=KnownVariants(classes)))
    await executor.on_create()
    return Crew(offer, executor, hand, offer.stamps())


def _thread_executor(slots: int) -> DirectExecutor:
    from ..executors.thread import ThreadExecutor  # a worker with processes needs neither

    return ThreadExecutor(slots=slots)


def _coroutine_executor() -> DirectExecutor:
    from ..executors.coroutine import CoroutineExecutor

    return CoroutineExecutor()


async def _housed(workplace: Workplace, hand: Hand) -> Crew:
    from ..executors.process import ProcessExecutor

    process, commands, said = _launch(workplace)
    loop = asyncio.get_running_loop()
    try:
        told = await loop.run_in_executor(None, _all_of, said)
    except BaseException:  # the worker ends, and must not wait for code that hangs
        process.kill()
        raise
    if not told:
        commands.close()
        status = await loop.run_in_executor(None, process.wait)
        raise ModuleLoadError(f"the project in {workplace.root} cannot be read: its code ended with status {status}")
    process.returncode = 0  # the carrier of the attempts waits for its end, and this object need not
    offer = Offer.from_body(json.loads(told))
    executor = ProcessExecutor()
    executor.take_over(workplace, (process.pid, commands))
    await executor.on_create()
    return Crew(offer, executor, hand, offer.stamps(), has_lost_house=lambda: executor.is_gone)


def _all_of(descriptor: int) -> bytes:
    with open(descriptor, "rb") as stream:
        return stream.read()


def _launch(workplace: Workplace) -> tuple[subprocess.Popen[bytes], socket.socket, int]:
    """A new house: its process, the socket for commands, and where it tells what it offers."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    said, telling = os.pipe()
    told = os.memfd_create("flowrun")
    os.write(told, json.dumps(_needs(workplace)).encode())
    os.lseek(told, 0, os.SEEK_SET)
    given = (theirs.fileno(), told, telling)
    process = subprocess.Popen(
        [sys.executable, "-m", "flowrun.worker.house", *map(str, given), str(os.getpid())],
        pass_fds=given,
        stdin=subprocess.DEVNULL,
    )
    os.close(told)
    os.close(telling)
    theirs.close()
    ours.setblocking(False)
    return process, ours, said


def _needs(workplace: Workplace) -> dict[str, Any]:
    return {
        "path": sys.path,
        "root": str(workplace.root),
        "max_result_bytes": workplace.max_result_bytes,
        **workplace.discovery,
    }
