"""RedisSession: what goes on beside the attempts of a run: hearing, keeping the lease, finding what was lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, Protocol

from ..frq.client import LEASE_SECONDS, Client
from ..frq.event_reader import KEPT_SECONDS, EventReader
from ..frq.faults import AwayError, RefusedError
from ..frq.link import Link
from ..frq.message import Message, ResultMessage
from ..frq.patience import GivenUpError, Patience
from .redis_attempt import RedisAttempt
from .redis_ended import Ended

_TIDY_SECONDS = 10.0
_JANITOR_SECONDS = 3600.0
_REPEATED_SECONDS = KEPT_SECONDS + 2 * _TIDY_SECONDS
"""So long a result may come a second time, because it stands in Redis until then."""


class LooksAfter(Protocol):
    """Decides on an attempt that Redis has lost."""

    async def __call__(self, one: RedisAttempt) -> None:
        """Submit it again, or settle it."""


class RedisSession:
    """One run at one queue. Begins with everything that was said before, so that attempts can be adopted."""

    def __init__(
        self,
        client: Client,
        link: Link,
        patience: Patience,
        under_way: Mapping[str, RedisAttempt],
        ended: Ended,
        wait_for_room: Callable[[], Awaitable[None]],
    ) -> None:
        """`link` is for reading; of `under_way`, attempts by id, and of `ended` the owner keeps account."""
        self.client = client
        self._link = link
        self._patience = patience
        self._under_way = under_way
        self._ended = ended
        self._reader = EventReader(client, link, patience, self._hear, wait_for_room)
        self._early: dict[str, ResultMessage] = {}
        """Results of an earlier life of the run, by id."""
        self._ends: dict[str, asyncio.Future[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, lease_seconds: float, look_after: LooksAfter) -> None:
        """Hear what was said before, and go on in the background. Raises GivenUpError."""
        await self._patience.insist(self.client.open)
        before = await self._patience.insist(lambda: self.client.standing([]))
        self.start(self._reader.run())
        await self._reader.reach(before.last_event)
        self.start(self._keep_lease())
        self.start(self._reconcile(lease_seconds, look_after))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done until the session ends. If it fails the run is given up: it would hang."""
        task = asyncio.create_task(_until_given_up(work))
        task.add_done_callback(self._look_at_end)
        self._tasks.append(task)

    def submits(self, one: RedisAttempt) -> ResultMessage | None:
        """The attempt hears what is said from now on; gives the result that an earlier life of the run has left."""
        one.is_submitted = True
        return self._early.pop(one.id, None)

    @contextlib.contextmanager
    def end_of(self, attempt_id: str) -> Iterator[asyncio.Future[None]]:
        """Done when the result of an attempt comes that is not under way here any more."""
        end = self._ends[attempt_id] = asyncio.get_running_loop().create_future()
        try:
            yield end
        finally:
            del self._ends[attempt_id]

    async def catch_up(self) -> None:
        """Return when everything was heard that stands in Redis now. Raises AwayError and RefusedError."""
        await self._reader.reach((await self.client.standing([])).last_event)

    async def end(self, *, cleans: bool) -> None:
        """Stop; `cleans`: what is in Redis for the run goes, because nobody will ask for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()
        if cleans:
            with contextlib.suppress(AwayError, RefusedError):  # it expires
                await self.client.clean()

    def _hear(self, message: Message) -> None:
        one = self._under_way.get(message.id)
        is_early = one is None or not one.is_submitted
        if isinstance(message, ResultMessage) and is_early:
            self._hear_end(message)
        elif one is not None:
            one.hear(message)

    def _hear_end(self, message: ResultMessage) -> None:
        end = self._ends.get(message.id)
        if end is not None and not end.done():
            end.set_result(None)
        elif message.id not in self._ended:
            self._early[message.id] = message

    def _look_at_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._patience.give_up(f"what comes from Redis cannot be heard: {type(error).__name__}: {error}")

    async def _keep_lease(self) -> None:
        loop = asyncio.get_running_loop()
        lease_due = janitor_due = forget_due = loop.time()
        while True:
            now = loop.time()
            if now >= lease_due:
                await self._patience.insist(self.client.renew_lease)
                lease_due = now + LEASE_SECONDS / 3
            if now >= janitor_due:
                with contextlib.suppress(AwayError, RefusedError):  # it is only tidier without them
                    await self.client.forget_consumers()
                janitor_due = now + _JANITOR_SECONDS
            if now >= forget_due:
                self._ended.forget()
                forget_due = now + _REPEATED_SECONDS
            self._reader.trim()
            await asyncio.sleep(_TIDY_SECONDS)

    async def _reconcile(self, lease_seconds: float, look_after: LooksAfter) -> None:
        """Find what Redis has lost: after each of its absences, and every two leases."""
        came_back = self._patience.came_back
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2 * lease_seconds):
                    await came_back.wait()
            if came_back.is_set():
                came_back.clear()
                await self._patience.insist(self.client.open)
            for one in await self._lost():
                await look_after(one)

    async def _lost(self) -> list[RedisAttempt]:
        """Attempts that do not stand in the queue any more, and of which no result was there either."""
        asked = [one for one in self._under_way.values() if one.entry and not one.is_over]
        entries, position = [one.entry for one in asked], self._reader.position
        standing = await self._patience.insist(lambda: self.client.standing(entries))
        self._reader.compare(position, (standing.last_event, standing.last_log))
        missing = [(one, it) for one, it, there in zip(asked, entries, standing.there, strict=True) if not there]
        if missing:
            await self._reader.reach(standing.last_event)
        return [one for one, entry in missing if one.entry == entry and not one.is_over]


async def _until_given_up(work: Coroutine[Any, Any, None]) -> None:
    """Who is in charge was told, and ends the run."""
    with contextlib.suppress(GivenUpError):
        await work
