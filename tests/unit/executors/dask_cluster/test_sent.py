"""What the runner knows of an attempt that a Dask cluster has."""

from __future__ import annotations

import asyncio

from flowrun.attempt import Attempt
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import AttemptBegun
from flowrun.executors.dask_cluster.sent import Sent


def test_it_is_told_which_worker_begins_it() -> None:
    """PARITY X-CF-20: also when another one goes on with it."""
    told: list[SerializableEvent] = []

    async def live() -> None:
        sent = Sent(
            Attempt(run_id="R", job_name="job", task="load", variant="Load"), told.append, lambda _outcome: None
        )
        sent.began("id-1", "tls://a:1", lambda _sent: None)
        sent.began("id-2", "tls://b:1", lambda _sent: None)

    asyncio.run(live())

    begun = [(it.name, it.attempt, it.worker) for it in told if isinstance(it, AttemptBegun)]
    assert begun == [("load", 1, "tls://a:1"), ("load", 1, "tls://b:1")]
