"""Intake: takes attempts from the queue, as many as there are free slots and never one more."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence

from ..frq.connection import Connection
from ..frq.consumer import Claimed
from ..frq.faults import AwayError, UnknownVersionError, UnreadableError
from ..frq.message import TaskMessage
from ..frq.status import ErrorCode, Status
from .answer import refused
from .delivery import Delivery
from .desk import Desk

_BLOCK_SECONDS = 2.0
_LONGEST_TICK_SECONDS = 2.0
_JITTER = 0.2
_AGAIN_SECONDS = 0.1


class Intake:
    """Claims what is new, and takes over what other workers have lost."""

    def __init__(
        self,
        connection: Connection,
        desk: Desk,
        tasks: asyncio.TaskGroup,
        most: int | None,
        is_late: Callable[[], bool],
    ) -> None:
        """Attempts are performed in `tasks`; with `most`, so many are taken and no more.

        `is_late`: our own leases are to be renewed before anything is taken over, or it might be from ourselves.
        """
        self._link = connection.link()
        self._desk = desk
        self._tasks = tasks
        self._left = most
        self._is_late = is_late
        self._client_id: int | None = None
        self._is_open = asyncio.Event()
        self._is_open.set()
        self.is_closed = False
        """Nothing is taken any more."""
        self.has_all = asyncio.Event()
        """So many attempts were taken as were wanted."""

    @property
    def is_paused(self) -> bool:
        """Nothing is taken for the time being."""
        return not self._is_open.is_set()

    def pause(self) -> None:
        """Take nothing for the time being."""
        self._is_open.clear()
        self._interrupt()

    def resume(self) -> None:
        """Go on."""
        self._is_open.set()

    async def close(self, claiming: asyncio.Task[None], patience_seconds: float) -> None:
        """Take nothing any more. `claiming` is the task of `claim`; it is cancelled if it does not end in time."""
        self.is_closed = True
        self._is_open.set()
        self._desk.holdings.has_changed.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0 if self._desk.reach.is_away else patience_seconds):
                while not claiming.done():
                    self._interrupt()  # again, if it came before the claim had begun to wait
                    await asyncio.wait([claiming], timeout=_AGAIN_SECONDS)
        claiming.cancel()

    async def claim(self) -> None:
        """Take what is new, until it is closed."""
        while not self.is_closed:
            await self._is_open.wait()
            await self._wait_for_slot()
            if not self.is_closed and not self.is_paused:
                self._accept(await self._desk.reach.insist(self._claimed))
                await asyncio.sleep(0)  # what was taken begins before the next is asked for
        await self._link.close()

    async def reclaim(self) -> None:
        """Take over what nobody has renewed for a lease, until it is closed."""
        tick_seconds = min(self._desk.consumer.lease_ms / 3000, _LONGEST_TICK_SECONDS)
        while not self.is_closed:
            await asyncio.sleep(tick_seconds * random.uniform(1 - _JITTER, 1 + _JITTER))
            while await self._took_all_it_could():
                await self._wait_for_slot()  # a dead worker may have left more than there are slots

    async def _took_all_it_could(self) -> bool:
        """Fill the free slots with what is lost; there may be more of it."""
        if not self._room or self.is_closed or self.is_paused or self._is_late():
            return False
        taken = await self._desk.reach.insist(lambda: self._desk.consumer.reclaim(self._room or 1))
        self._desk.metrics.reclaimed.inc(len(taken))
        self._accept(taken)
        return bool(taken) and not self._room

    @property
    def _room(self) -> int:
        free = self._desk.holdings.free
        return free if self._left is None else min(free, self._left)

    async def _wait_for_slot(self) -> None:
        holdings = self._desk.holdings
        while not self._room and not self.is_closed:
            holdings.has_changed.clear()
            await holdings.has_changed.wait()

    async def _claimed(self) -> list[Claimed]:
        if self.is_closed:
            return []
        try:
            if self._client_id is None:
                self._client_id = int(await self._link.call("CLIENT", "ID"))
            return await self._desk.consumer.claim(self._link, max(1, self._room), _BLOCK_SECONDS)  # 0: any number
        except AwayError:
            self._client_id = None
            raise

    def _interrupt(self) -> None:
        """End a claim that waits. What it was given at the last moment is read, and given back."""
        if self._client_id is not None:
            self._desk.pipeline.post("CLIENT", "UNBLOCK", self._client_id)

    def _accept(self, taken: Sequence[Claimed]) -> None:
        """Begin with what was taken, and give back what came while the slots were filled in another way."""
        room = 0 if self.is_closed or self.is_paused else self._room
        for claimed in taken[:room]:
            self._begin(claimed)
        if self._left is not None:
            self._left -= len(taken[:room])
            if self._left <= 0:
                self.has_all.set()
        if taken[room:]:
            self._tasks.create_task(self._desk.give_back(*taken[room:]))

    def _begin(self, claimed: Claimed) -> None:
        desk = self._desk
        try:
            message = TaskMessage.from_fields(claimed.fields)
        except UnreadableError as error:
            self._tasks.create_task(self._set_aside(claimed, error))
            return
        for earlier in desk.holdings.of_attempt(message.id):
            if earlier.claimed.entry == claimed.entry:
                earlier.lose()  # its lease was over, or nobody could have taken the entry
        if claimed.delivery > max(1, message.max_deliveries) and not claimed.is_cancelled:
            self._tasks.create_task(self._bury_lost(claimed, message))
            return
        delivery = Delivery(claimed, message, desk)
        desk.holdings.add(delivery)
        self._tasks.create_task(delivery.see_through())

    async def _bury_lost(self, claimed: Claimed, message: TaskMessage) -> None:
        why = f"delivered {claimed.delivery - 1} times, and every worker was lost"
        answer = refused(Status.LOST, ErrorCode.MAX_DELIVERIES, why)
        await self._desk.bury(claimed, message, ErrorCode.MAX_DELIVERIES, answer)

    async def _set_aside(self, claimed: Claimed, error: UnreadableError) -> None:
        """What cannot be read: whoever sent it is told, if it says who that is."""
        message = TaskMessage(error.attempt_id, "", error.client)
        is_answerable = bool(error.attempt_id and error.client)
        if is_answerable and isinstance(error, UnknownVersionError):
            answer = refused(Status.REJECTED, ErrorCode.UNSUPPORTED_VERSION, str(error))
            await self._desk.finish(claimed, message, answer)
            return
        answer = refused(Status.REJECTED, ErrorCode.UNREADABLE, str(error))
        await self._desk.bury(claimed, message if is_answerable else None, ErrorCode.UNREADABLE, answer)
