"""Holdings: the deliveries whose leases this worker holds. The heartbeat reads them from a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Lock
from typing import Generic, Protocol, TypeVar

from ..frq.consumer import Claimed, Leases
from ..frq.message import TaskMessage

Key = tuple[str, int]
"""Entry and number of a delivery: an entry may come back to a worker that has not ended its first delivery yet."""


class Held(Protocol):
    """A delivery, as far as its lease goes."""

    claimed: Claimed
    message: TaskMessage
    is_lost: bool
    is_over: asyncio.Event

    def kill(self) -> None:
        """End the attempt at once."""


D = TypeVar("D", bound=Held)


class Holdings(Generic[D]):
    """At most as many deliveries as there are slots."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.has_changed = asyncio.Event()
        """Set whenever a delivery ends."""
        self.is_empty = asyncio.Event()
        self.is_empty.set()
        self._lock = Lock()
        self._deliveries: dict[Key, D] = {}
        self._by_attempt: dict[str, list[D]] = {}
        self._performed: dict[str, D] = {}
        self._reported = 0

    def __len__(self) -> int:
        return len(self._deliveries)

    def __iter__(self) -> Iterator[D]:
        return iter(list(self._deliveries.values()))

    @property
    def running(self) -> int:
        """Slots that are taken: of what has ended, only the result is on its way. Called by the heartbeat, too."""
        with self._lock:
            return len(self._deliveries) - self._reported

    @property
    def free(self) -> int:
        """Slots that nothing is performed in. Of what has ended, and is being reported, there may be as many again."""
        held = len(self._deliveries)
        return max(0, min(self.slots - held + self._reported, 2 * self.slots - held))

    def add(self, delivery: D) -> None:
        """A lease was taken."""
        with self._lock:
            self._deliveries[_key(delivery)] = delivery
        self._by_attempt.setdefault(delivery.message.id, []).append(delivery)
        self.is_empty.clear()

    def remove(self, delivery: D) -> None:
        """A lease was given up: the attempt is reported, given back, or lost."""
        with self._lock:
            self._deliveries.pop(_key(delivery), None)
            self._reported -= delivery.is_over.is_set()
        same = self._by_attempt[delivery.message.id]
        same.remove(delivery)
        if not same:
            del self._by_attempt[delivery.message.id]
        self.has_changed.set()
        if not self._deliveries:
            self.is_empty.set()

    def report(self) -> None:
        """A delivery has ended, and is reported from now on until it is removed."""
        with self._lock:
            self._reported += 1
        self.has_changed.set()

    def find(self, key: Key) -> D | None:
        """A delivery that is still here."""
        return self._deliveries.get(key)

    def of_attempt(self, attempt_id: str) -> list[D]:
        """The deliveries of an attempt: one that was lost may not have ended when the next one comes."""
        return list(self._by_attempt.get(attempt_id, ()))

    async def take_turn(self, name: str, delivery: D) -> None:
        """Wait until no other delivery of what has this name is performed. One that is lost is killed."""
        while (other := self._performed.get(name)) is not None:
            if other.is_lost:
                other.kill()
            await other.is_over.wait()
        self._performed[name] = delivery

    def end_turn(self, name: str) -> None:
        """It is not performed any more. Its `is_over` is to be set next."""
        del self._performed[name]

    def leases(self) -> Leases:
        """What is to be renewed. Called by the heartbeat, too."""
        with self._lock:
            held, running = list(self._deliveries.values()), len(self._deliveries) - self._reported
        ours = [(it.claimed.entry, it.claimed.delivery, it.message.id) for it in held if not it.is_lost]
        return Leases(ours, running)


def _key(delivery: Held) -> Key:
    return (delivery.claimed.entry, delivery.claimed.delivery)
