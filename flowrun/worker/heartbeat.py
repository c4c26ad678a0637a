"""Heartbeat: renews the leases, from a thread of its own in which no code of a user ever runs."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Protocol

from ..frq.connection import Connection
from ..frq.consumer import Beat, Consumer, Lease, Leases
from ..frq.faults import AwayError, RefusedError
from ..frq.fields import Fields
from ..frq.pipeline import Pipeline

ASK_AT, KILL_AT = 0.75, 1.0
"""Leases without a heartbeat after which attempts are asked to end, and killed: others may have them soon."""

_TICKS_OF_A_LEASE = 3
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_LAST_WAIT_SECONDS = 1.0


class Listener(Protocol):
    """Who hears of heartbeats, on the thread of the event loop that made the heartbeat."""

    def beaten(self, leases: Sequence[Lease], beat: Beat) -> None:
        """These leases were looked at."""

    def missed(self, why: str, silent_leases: float) -> None:
        """Redis did not answer; so many leases have passed since it did."""

    def refused(self, why: str) -> None:
        """Redis does not let leases be renewed, and never will."""


class Heartbeat:
    """Beats three times a lease. While Redis is away it tries more often, and more seldom when the lease is over."""

    def __init__(
        self,
        connection: Connection,
        consumer: Consumer,
        leases: Callable[[], Leases],
        announcement: Callable[[], Fields],
        listener: Listener,
    ) -> None:
        """`leases` and `announcement` (what the worker says of itself) are called in the thread of the heartbeat."""
        self._connection = connection
        self._name, self._keys, self._lease_ms = consumer.name, consumer.keys, consumer.lease_ms
        self._leases, self._announcement = leases, announcement
        self._listener = listener
        self._home = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self._has_news = asyncio.Event()
        self._is_stopped = False
        self._renewed_at = time.monotonic()
        self._announced: Fields = {}
        self._thread = Thread(target=self._live, name="flowrun-heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    @property
    def age_seconds(self) -> float:
        """Since Redis has answered."""
        return time.monotonic() - self._renewed_at

    @property
    def is_late(self) -> bool:
        """A beat is overdue: what nobody seems to have renewed may be our own."""
        return self.age_seconds > self._lease_ms / 2000

    def tell_news(self) -> None:
        """What the worker says of itself has changed."""
        with contextlib.suppress(RuntimeError):  # the thread has ended
            self._loop.call_soon_threadsafe(self._has_news.set)

    async def stop(self) -> None:
        """Beat no more."""
        self._is_stopped = True
        self.tell_news()
        await self._home.run_in_executor(None, self._thread.join, _LAST_WAIT_SECONDS)

    @property
    def _tick_seconds(self) -> float:
        return self._lease_ms / 1000 / _TICKS_OF_A_LEASE

    # On the thread of the heartbeat:

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._beat_until_stopped())
        finally:
            if not self._is_stopped:
                self._tell(self._listener.refused, "the heartbeat has ended")
            self._loop.close()

    async def _beat_until_stopped(self) -> None:
        pipeline = Pipeline(self._connection.link())
        consumer = Consumer(pipeline, self._keys, self._name, self._lease_ms)
        pause_seconds = _FIRST_PAUSE_SECONDS
        while not self._is_stopped:
            self._has_news.clear()  # what comes from now on is told with the next beat
            try:
                async with asyncio.timeout(min(max(self._tick_seconds, 0.5), self._left_seconds)):
                    await self._beat(consumer)
            except (AwayError, RefusedError, TimeoutError) as error:
                self._tell_missed(error)
                await self._pause(min(pause_seconds, self._most_seconds, self._left_seconds / 2))
                pause_seconds *= 2
            else:
                pause_seconds = _FIRST_PAUSE_SECONDS
                await self._pause(self._tick_seconds)
        await pipeline.close()

    async def _beat(self, consumer: Consumer) -> None:
        announcement = self._announcement()
        if announcement != self._announced:
            await consumer.announce(announcement)
            self._announced = announcement
        leases, begun = self._leases(), time.monotonic()
        beat = await consumer.beat(leases)
        self._renewed_at = begun
        if not beat.is_known:
            await consumer.announce(announcement)
        self._tell(self._listener.beaten, leases.held, beat)

    @property
    def _left_seconds(self) -> float:
        """Until attempts have to hear of the silence: an answer that does not come is not waited for beyond that."""
        silent_leases = self.age_seconds * 1000 / self._lease_ms
        at = next((at for at in (ASK_AT, KILL_AT) if at > silent_leases), math.inf)
        return (at - silent_leases) * self._lease_ms / 1000

    @property
    def _most_seconds(self) -> float:
        """How long to wait at most when Redis was away: there is nothing to save when the lease is over."""
        is_over = self.age_seconds > self._lease_ms / 1000
        return _LONGEST_PAUSE_SECONDS if is_over else self._tick_seconds / 2

    def _tell_missed(self, error: Exception) -> None:
        if isinstance(error, RefusedError) and not error.may_pass:
            self._tell(self._listener.refused, str(error))
        else:
            self._tell(self._listener.missed, str(error) or "no answer", self.age_seconds * 1000 / self._lease_ms)

    def _tell(self, hear: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the worker has ended
            self._home.call_soon_threadsafe(hear, *arguments)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._has_news.wait()
