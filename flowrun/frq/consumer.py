"""Consumer: what a worker does with a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ..dataclass import dataclass
from .client import create_group
from .faults import RefusedError
from .fields import Fields, flat, paired
from .keys import ENTRY_TTL_MS, GROUP, Keys
from .link import Link
from .message import ResultMessage, StartedMessage
from .pipeline import Pipeline
from .scripts import Script
from .stream import BEGIN, entries_of, order

LEASE_MS = 15_000
"""How long an entry may stay idle, unless the queue says otherwise."""
LOG_LENGTH = 100_000
"""Entries that the log stream of a client has at most, about."""

_FORGOTTEN_AFTER_LEASES = 10
_TOLD_LEASES = 3
_MOST_SCANS = 1000
_MOST_CLIENTS = 1000


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt that was handed to this worker."""

    entry: str
    delivery: int
    fields: Fields = field(repr=False)
    is_cancelled: bool = False


Lease = tuple[str, int, str]
"""Entry, delivery and id of an attempt."""


@dataclass(frozen=True, slots=True)
class Leases:
    """What a worker holds."""

    held: Sequence[Lease]
    running: int
    """Slots that are taken. Of what has ended, and is being reported, the lease is held without a slot."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat brought."""

    lost: frozenset[str]
    """Entries that are not ours any more: their attempts are to be stopped, their results dropped."""
    cancelled: frozenset[str]
    """Ids of attempts that were called back."""
    is_known: bool
    """False: Redis has forgotten who we are, announce again."""


class Consumer:
    """One worker and one queue. Every call may raise AwayError and RefusedError."""

    def __init__(self, pipeline: Pipeline, keys: Keys, name: str, lease_ms: int = LEASE_MS) -> None:
        """`name` is new for each start of a worker."""
        self._pipeline = pipeline
        self.keys = keys
        self.name = name
        self.lease_ms = lease_ms
        self._seen_clients: dict[str, float] = {}

    async def open(self) -> None:
        """Be there before the first claim, and after Redis has forgotten everything."""
        await create_group(self._pipeline, self.keys)

    async def announce(self, fields: Fields) -> None:
        """Say who we are and what we offer (`Worker.fields`)."""
        keys = [self.keys.worker(self.name), self.keys.workers]
        await self._pipeline.script(Script.ANNOUNCE, keys, self.name, self.lease_ms * _TOLD_LEASES, *flat(fields))

    async def claim(self, link: Link, count: int, blocks_seconds: float = 2.0) -> list[Claimed]:
        """New attempts, at most `count`; waits for the first. `link` is for this alone."""
        try:
            answer = await link.call(
                *("XREADGROUP", "GROUP", GROUP, self.name, "COUNT", count),
                *("BLOCK", int(blocks_seconds * 1000), "STREAMS", self.keys.tasks, ">"),
                blocks_seconds=blocks_seconds,
            )
        except RefusedError as error:
            if error.code not in ("NOGROUP", "UNBLOCKED"):  # the stream is gone, perhaps while we waited
                raise
            await self.open()
            return []
        return [Claimed(one.id, 1, one.fields) for _name, entries in entries_of(answer) for one in entries]

    async def reclaim(self, count: int) -> list[Claimed]:
        """Attempts that nobody has renewed for a lease, at most `count`.

        One of them may be our own, if we were away for so long: then what runs of it here is lost.
        """
        taken: list[Claimed] = []
        cursor = BEGIN
        for _ in range(_MOST_SCANS):
            if len(taken) >= count:
                break
            more = (GROUP, self.name, self.lease_ms, count - len(taken), cursor)
            cursor, found = await self._pipeline.script(Script.RECLAIM, [self.keys.tasks, self.keys.cancel], *more)
            cursor = cursor.decode()
            taken += [
                Claimed(entry.decode(), delivery, paired(fields), flag == b"1")
                for entry, fields, delivery, flag in found
            ]
            if cursor == BEGIN:
                break
        return taken

    async def is_orphan(self, claimed: Claimed, client: str) -> bool:
        """The client is gone, and the attempt is older than a lease: nobody waits for it."""
        now = asyncio.get_running_loop().time()
        if now - self._seen_clients.get(client, -1e9) < self.lease_ms / 3000:
            return False
        if await self._pipeline.command("EXISTS", self.keys.client(client)):
            if len(self._seen_clients) >= _MOST_CLIENTS:
                self._seen_clients.clear()
            self._seen_clients[client] = now
            return False
        seconds, micros = await self._pipeline.command("TIME")
        return int(seconds) * 1000 + int(micros) // 1000 - order(claimed.entry)[0] > self.lease_ms

    async def beat(self, leases: Leases) -> Beat:
        """Renew our leases, and tell how many slots are taken."""
        lost, cancelled, is_known = await self._pipeline.script(
            Script.BEAT,
            [self.keys.tasks, self.keys.cancel, self.keys.worker(self.name), self.keys.workers],
            *(GROUP, self.name, self.lease_ms * _TOLD_LEASES, self.lease_ms * _FORGOTTEN_AFTER_LEASES, leases.running),
            *(part for one in leases.held for part in one),
        )
        return Beat(frozenset(map(bytes.decode, lost)), frozenset(map(bytes.decode, cancelled)), bool(is_known))

    def started(self, client: str, message: StartedMessage) -> None:
        """Tell the client that an attempt has begun; nobody waits for it."""
        key = self.keys.events(client)
        self._pipeline.post("XADD", key, "*", *flat(message.fields()))
        self._pipeline.post("PEXPIRE", key, ENTRY_TTL_MS)  # its client may have ended long ago

    async def log(self, client: str, fields: Fields) -> str:
        """Send lines or progress; gives the id of the entry, of which the last stands in the result."""
        key = self.keys.log(client)
        added = self._pipeline.command("XADD", key, "MAXLEN", "~", LOG_LENGTH, "*", *flat(fields))
        self._pipeline.post("PEXPIRE", key, ENTRY_TTL_MS)
        return str((await added).decode())

    async def finish(self, claimed: Claimed, client: str, result: ResultMessage) -> bool:
        """Give a result. False: the attempt is not ours any more, and the result was dropped."""
        keys = self.keys
        return bool(
            await self._pipeline.script(
                Script.FINISH,
                [keys.tasks, keys.events(client), keys.submitted(result.id), keys.cancel],
                *(GROUP, self.name, claimed.entry, claimed.delivery, ENTRY_TTL_MS, result.id),
                *flat(result.fields()),
            )
        )

    async def bury(self, claimed: Claimed, reason: str, client: str = "", result: ResultMessage | None = None) -> bool:
        """Put an attempt among the dead letters, with its result if there is a client to read it."""
        keys = [self.keys.tasks, self.keys.dead]
        arguments: list[Any] = [GROUP, self.name, claimed.entry, claimed.delivery, ENTRY_TTL_MS, reason]
        if result is None:
            return bool(await self._pipeline.script(Script.BURY, keys, *arguments, ""))
        keys += [self.keys.events(client), self.keys.submitted(result.id), self.keys.cancel]
        return bool(await self._pipeline.script(Script.BURY, keys, *arguments, result.id, *flat(result.fields())))

    async def release(self, deliveries: Mapping[str, int]) -> int:
        """Give attempts back, by entry and delivery, so that others begin them at once; gives how many were ours."""
        pairs = [part for pair in deliveries.items() for part in pair]
        longest_lease_ms = 10 * 60 * 1000
        return int(
            await self._pipeline.script(Script.RELEASE, [self.keys.tasks], GROUP, self.name, longest_lease_ms, *pairs)
        )

    async def leave(self) -> bool:
        """Take leave. False: something is still ours, and others take it over after a lease."""
        keys = [self.keys.tasks, self.keys.worker(self.name), self.keys.workers]
        return bool(await self._pipeline.script(Script.LEAVE, keys, GROUP, self.name))
