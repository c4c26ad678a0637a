"""Operator: what a person sees and does with a queue."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..dataclass import dataclass
from .client import Client
from .control_message import ControlMessage
from .faults import RefusedError, UnreadableError
from .fields import FieldReader, Fields, flat, paired
from .keys import ENTRY_TTL_MS, GROUP, Keys
from .pipeline import Pipeline
from .scripts import Script
from .stream import BEGIN, Entry, entry_of, order

_PAGE = 50
"""Entries that are read together: each may have a megabyte."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue is at one moment."""

    waiting: int
    """Attempts that no worker has taken."""
    under_way: int
    """Attempts that workers have."""
    waiting_ms: int
    """How long the first of those that wait has done so; 0: none waits."""
    dead: int
    """Dead letters."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A task that no worker could perform."""

    entry: str
    """Its place among the dead letters."""
    id: str
    """The attempt, as far as that could be read."""
    handler: str
    client: str
    reason: str
    at_ms: int


class Operator:
    """Looks after one queue. Every call may raise AwayError and RefusedError."""

    def __init__(self, pipeline: Pipeline, keys: Keys) -> None:
        self._pipeline = pipeline
        self._keys = keys

    async def state(self) -> QueueState:
        """How the queue is now."""
        length = int(await self._pipeline.command("XLEN", self._keys.tasks))
        dead = int(await self._pipeline.command("XLEN", self._keys.dead))
        under_way, last = await self._group()
        first = await self._entries(self._keys.tasks, last, 1)
        seconds, micros = await self._pipeline.command("TIME")
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        waiting_ms = max(1, now_ms - order(first[0].id)[0]) if first else 0
        return QueueState(max(0, length - under_way), under_way, waiting_ms, dead)

    async def dead_letters(self) -> list[DeadLetter]:
        """All of them, the oldest first."""
        return [_letter_of(entry) async for entry in self._all(self._keys.dead, BEGIN)]

    async def requeue(self, letter: DeadLetter) -> bool:
        """Put a dead letter back into the queue. False: somebody did that, or dropped it, a moment ago."""
        keys = [self._keys.tasks, self._keys.dead, self._keys.submitted(letter.id)]
        code, _entry = await self._pipeline.script(Script.REQUEUE, keys, letter.entry, ENTRY_TTL_MS)
        return int(code) == 1

    async def drop(self, *letters: DeadLetter) -> int:
        """Forget dead letters; gives how many there were."""
        entries = [letter.entry for letter in letters]
        return int(await self._pipeline.command("XDEL", self._keys.dead, *entries)) if entries else 0

    async def waiting(self) -> list[tuple[str, Fields]]:
        """Entry of every attempt that no worker has taken, and the fields that say whose it is."""
        _under_way, last = await self._group()
        return [
            (entry.id, {name: entry.fields[name] for name in (b"id", b"c", b"a") if name in entry.fields})
            async for entry in self._all(self._keys.tasks, last)
        ]

    async def call_back(self, entry: str, fields: Fields) -> bool:
        """Take an attempt out of the queue; its run is told that it was cancelled. False: a worker has it now."""
        it = FieldReader(fields)
        try:
            attempt_id, client, number = it.id, it.client, it.number("a", 1)
        except UnreadableError:
            return bool(await self._pipeline.command("XDEL", self._keys.tasks, entry))
        return await Client(self._pipeline, self._keys, client).cancel(attempt_id, number, entry) == "removed"

    async def tell(self, message: ControlMessage) -> None:
        """Say something to workers."""
        fields = flat(message.fields())
        await self._pipeline.command("XADD", self._keys.control, "MAXLEN", "~", 10_000, "*", *fields)

    async def _group(self) -> tuple[int, str]:
        """How many entries workers have, and the last that any worker was given."""
        try:
            groups = await self._pipeline.command("XINFO", "GROUPS", self._keys.tasks)
        except RefusedError as error:
            if error.code != "ERR":  # there is no such stream yet
                raise
            return 0, BEGIN
        known = {name: group for group in map(paired, groups) if (name := group[b"name"].decode())}
        group = known.get(GROUP)
        return (0, BEGIN) if group is None else (int(group[b"pending"]), group[b"last-delivered-id"].decode())

    async def _all(self, stream: str, after: str) -> AsyncIterator[Entry]:
        while page := await self._entries(stream, after, _PAGE):
            for entry in page:
                yield entry
            after = page[-1].id

    async def _entries(self, stream: str, after: str, count: int) -> list[Entry]:
        answer = await self._pipeline.command("XRANGE", stream, f"({after}", "+", "COUNT", count)
        return [entry_of(one) for one in answer]


def _letter_of(entry: Entry) -> DeadLetter:
    text = {name: value.decode(errors="replace") for name, value in entry.fields.items() if name != b"b"}
    at = text.get(b"ts", "0")
    return DeadLetter(
        entry=entry.id,
        id=text.get(b"id", ""),
        handler=text.get(b"h", ""),
        client=text.get(b"c", ""),
        reason=text.get(b"reason", ""),
        at_ms=int(at) if at.isdigit() else 0,
    )
