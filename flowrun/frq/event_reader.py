"""EventReader: what workers say to a client, in order and with an attempt's lines before its result."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from .client import Client
from .faults import UnreadableError
from .link import Link
from .message import Message, ResultMessage, message_of
from .patience import Patience
from .stream import BEGIN, Entry, order

KEPT_SECONDS = 30.0
"""So long events stay after they were read: by then the engine has kept what they say, or the run can be continued
from them."""

_AT_ONCE = 128
"""Entries of each stream: a result may have a megabyte."""


class EventReader:
    """Reads the two streams of a client. What it gives to `hear` may come twice if Redis lost its memory."""

    def __init__(
        self,
        client: Client,
        link: Link,
        patience: Patience,
        hear: Callable[[Message], None],
        wait_for_room: Callable[[], Awaitable[None]],
    ) -> None:
        """`wait_for_room` returns when what is heard can be taken in."""
        self._client = client
        self._link = link
        self._patience = patience
        self._hear = hear
        self._wait_for_room = wait_for_room
        self._events = client.keys.events(client.name)
        self._log = client.keys.log(client.name)
        self._after = {self._log: BEGIN, self._events: BEGIN}
        self._held: deque[ResultMessage] = deque()
        self._waiters: list[tuple[str, asyncio.Future[None]]] = []
        self._read: deque[tuple[float, str, str]] = deque()

    async def run(self) -> None:
        """Read until cancelled. Raises GivenUpError."""
        while True:
            await self._wait_for_room()
            after = self._after
            found = dict(await self._patience.insist(partial(self._client.read, self._link, after, count=_AT_ONCE)))
            if after is not self._after:
                continue  # begun again meanwhile
            log, events = found.get(self._log, []), found.get(self._events, [])
            self._after = {
                self._log: log[-1].id if log else after[self._log],
                self._events: events[-1].id if events else after[self._events],
            }
            self._tell(log, events)
            self._wake()
            await asyncio.sleep(0)  # whoever has waited for it goes on before the next is asked for

    async def reach(self, event_id: str) -> None:
        """Return when everything up to this event was heard."""
        if not self._has_reached(event_id):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((event_id, turn))
            await turn

    @property
    def position(self) -> tuple[str, str]:
        """The last event and the last log entry that were read."""
        return self._after[self._events], self._after[self._log]

    def compare(self, before: tuple[str, str], last: tuple[str, str]) -> None:
        """Begin again if a stream ends before what was read: it was emptied, or a replica with less has taken over.

        `before` is the position before `last` was asked for.
        """
        keys = (self._events, self._log)
        if any(order(end) < order(read) for read, end in zip(before, last, strict=True)):
            self._after = {
                key: BEGIN if order(end) < order(read) else self._after[key]
                for key, read, end in zip(keys, before, last, strict=True)
            }
            self._read.clear()

    def trim(self) -> None:
        """Have Redis forget what was read some time ago. To be called every few seconds."""
        now = asyncio.get_running_loop().time()
        self._read.append((now, self._after[self._events], self._after[self._log]))
        old = None
        while self._read and self._read[0][0] < now - KEPT_SECONDS:
            old = self._read.popleft()
        if old is not None:
            self._client.trim(old[1], old[2])

    def _tell(self, log: list[Entry], events: list[Entry]) -> None:
        for entry in log:
            self._tell_one(entry)
        is_log_read = len(log) < _AT_ONCE
        while self._held and (is_log_read or self._has_lines_of(self._held[0])):
            self._hear(self._held.popleft())
        for entry in events:
            self._tell_one(entry, holds=not is_log_read)

    def _tell_one(self, entry: Entry, *, holds: bool = False) -> None:
        try:
            message = message_of(entry.fields)
        except UnreadableError:
            return  # of nobody's attempt; the result that is missing then is asked for again
        if isinstance(message, ResultMessage) and holds and (self._held or not self._has_lines_of(message)):
            self._held.append(message)
        elif message is not None:
            self._hear(message)

    def _has_lines_of(self, result: ResultMessage) -> bool:
        try:
            return not result.last_log or order(result.last_log) <= order(self._after[self._log])
        except ValueError:
            return True

    def _has_reached(self, event_id: str) -> bool:
        return not self._held and order(event_id) <= order(self._after[self._events])

    def _wake(self) -> None:
        for waiter in self._waiters[:]:
            if self._has_reached(waiter[0]):
                self._waiters.remove(waiter)
                if not waiter[1].done():
                    waiter[1].set_result(None)
