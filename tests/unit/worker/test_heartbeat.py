"""Heartbeat: what follows when it cannot go on."""

from __future__ import annotations

import asyncio

import pytest

from flowrun.frq.address import Address
from flowrun.frq.connection import Connection
from flowrun.frq.consumer import Consumer, Leases
from flowrun.frq.fields import Fields
from flowrun.frq.keys import Keys
from flowrun.frq.pipeline import Pipeline
from flowrun.worker.heartbeat import Heartbeat


class Ear:
    """Takes note of why no lease can be renewed any more."""

    def __init__(self) -> None:
        self.refusal: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def beaten(self, *_: object) -> None:
        """A heart that stood still from the beginning has not beaten."""
        self.refused("it has beaten")

    missed = beaten

    def refused(self, why: str) -> None:
        """The end."""
        self.refusal.set_result(why)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_is_told_that_its_heart_stands_still() -> None:
    """Others would take over what it has, while it performed that too."""

    def announcement() -> Fields:
        raise LookupError("a fault")

    async def story() -> str:
        connection, ear = Connection(Address.parse("redis://127.0.0.1"), Keys()), Ear()
        consumer = Consumer(Pipeline(connection.link()), connection.keys, "worker")
        heartbeat = Heartbeat(connection, consumer, lambda: Leases([], 0), announcement, ear)
        heartbeat.start()
        try:
            return await asyncio.wait_for(ear.refusal, 60)
        finally:
            await heartbeat.stop()

    assert asyncio.run(story()) == "the heartbeat has ended"
