"""Client: what a runner does with a queue."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import Enum

from ..dataclass import dataclass
from .body import write
from .exchange import Command
from .faults import RefusedError
from .fields import flat
from .keys import ENTRY_TTL_MS, GROUP, Keys
from .link import Link
from .message import ResultMessage, TaskMessage
from .pipeline import Pipeline
from .result_body import refused_body
from .scripts import Script
from .status import Status
from .stream import Entry, entries_of

LEASE_SECONDS = 60.0
"""A client that has not renewed its lease for so long counts as gone."""

_CONSUMER_IDLE_MS = 3600 * 1000


class Submission(Enum):
    """What became of a submit."""

    ADDED = 1
    THERE = 0
    """It is queued or running already, or has ended a short time ago (the entry is then empty)."""
    FULL = -1


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand in Redis at one moment."""

    last_event: str
    last_log: str
    there: tuple[bool, ...]
    """Whether each entry that was asked for is there."""


class Client:
    """One runner and one queue. Its name is the id of the run. Every call may raise AwayError and RefusedError."""

    def __init__(self, pipeline: Pipeline, keys: Keys, name: str) -> None:
        self._pipeline = pipeline
        self.keys = keys
        self.name = name

    async def open(self) -> None:
        """Be there before the first submit."""
        await create_group(self._pipeline, self.keys)
        await self.renew_lease()

    async def renew_lease(self) -> None:
        """To be called every third of a lease: workers drop what nobody waits for."""
        await self._pipeline.command("SET", self.keys.client(self.name), "1", "PX", int(LEASE_SECONDS * 1000))

    async def submit(self, message: TaskMessage, *, limit: int = 0, again: bool = False) -> tuple[Submission, str]:
        """Hand an attempt to the workers; gives the entry that stands for it. May be repeated.

        `limit` is the longest that the queue may be; `again`: although it was finished, because its result is lost.
        """
        keys = [self.keys.tasks, self.keys.submitted(message.id)]
        code, entry = await self._pipeline.script(
            Script.SUBMIT, keys, ENTRY_TTL_MS, limit, int(again), *flat(message.fields())
        )
        return Submission(code), "" if entry == b"done" else entry.decode()

    async def cancel(
        self, attempt_id: str, number: int, entry: str, *, is_hard: bool = False, grace_seconds: float = 10.0
    ) -> str:
        """Call an attempt back: `signalled`, `removed` before it began (its result follows), or `gone`."""
        removed = ResultMessage(
            id=attempt_id,
            attempt=number,
            delivery=0,
            worker="",
            at_ms=time.time_ns() // 1_000_000,
            status=Status.CANCELLED,
            body=write(refused_body("cancelled", "called back before it began")),
        )
        keys = self.keys
        answer = await self._pipeline.script(
            Script.CANCEL,
            [keys.tasks, keys.control, keys.cancel, keys.events(self.name), keys.submitted(attempt_id)],
            *(GROUP, entry, attempt_id, ENTRY_TTL_MS, int(is_hard), int(grace_seconds * 1000)),
            *flat(removed.fields()),
        )
        return str(answer.decode())

    async def standing(self, entries: Sequence[str]) -> Standing:
        """Which entries are still there, and how far the streams have come."""
        keys = [self.keys.tasks, self.keys.events(self.name), self.keys.log(self.name)]
        event, log, there = await self._pipeline.script(Script.STATUS, keys, *entries)
        return Standing(event.decode(), log.decode(), tuple(flag == b"1" for flag in there))

    async def read(
        self, link: Link, after: dict[str, str], *, count: int = 512, blocks_seconds: float = 2.0
    ) -> list[tuple[str, list[Entry]]]:
        """Entries of streams behind those that are given by the name of the stream; waits for the first."""
        block_ms = int(blocks_seconds * 1000)
        command: Command = ("XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS", *after, *after.values())
        answer = await link.call(*command, blocks_seconds=blocks_seconds)
        return list(entries_of(answer))

    def trim(self, event: str, log: str) -> None:
        """Have Redis forget events and log entries up to these."""
        for key, before in ((self.keys.events(self.name), event), (self.keys.log(self.name), log)):
            self._pipeline.post("XTRIM", key, "MINID", "~", before)

    async def entry_of(self, attempt_id: str) -> str:
        """The entry that stands for an attempt of this client; empty: it has ended, or nobody knows it."""
        entry = await self._pipeline.command("GET", self.keys.submitted(attempt_id))
        return "" if entry in (None, b"done") else str(entry.decode())

    async def is_handed_out(self, entry: str) -> bool:
        """A worker was given what stands in the queue, and has not ended it."""
        try:
            return bool(await self._pipeline.command("XPENDING", self.keys.tasks, GROUP, entry, entry, 1))
        except RefusedError as error:
            if error.code != "NOGROUP":  # Redis has forgotten everything
                raise
            return False

    async def clean(self) -> None:
        """Forget everything of this client. The run is over, and nobody will ask for it."""
        keys = self.keys
        await self._pipeline.command("DEL", keys.events(self.name), keys.log(self.name), keys.client(self.name))

    async def forget_consumers(self) -> int:
        """Remove consumers without entries that have been silent for an hour; gives how many there were."""
        return int(await self._pipeline.script(Script.JANITOR, [self.keys.tasks], GROUP, _CONSUMER_IDLE_MS))


async def create_group(pipeline: Pipeline, keys: Keys) -> None:
    """Make the group of the workers, from the first entry on, if it is not there."""
    try:
        await pipeline.command("XGROUP", "CREATE", keys.tasks, GROUP, "0", "MKSTREAM")
    except RefusedError as error:
        if error.code != "BUSYGROUP":
            raise
