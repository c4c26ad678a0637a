"""Dask: python -m benchmarks.remote.dask bare|thread|process ADDRESS

Nothing, one after the other and many at once, with a bare client of a cluster or with flowrun's executor.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import uuid4

from .workers import ROOT

COUNT = int(os.environ.get("COUNT", "500"))
HOPS = int(os.environ.get("HOPS", "50"))
_PROJECT = ROOT / "tests" / "conformance" / "frq" / "project"

Isolation = Literal["process", "thread"]
Once = Callable[[], Awaitable[object]]


async def rates(once: Once) -> dict[str, float]:
    """Seconds for each."""
    await once()
    hops = []
    for _ in range(HOPS):
        begin = time.perf_counter()
        await once()
        hops.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    await asyncio.gather(*(once() for _ in range(COUNT)))
    return {"hop": statistics.median(hops), "at once": (time.perf_counter() - begin) / COUNT}


def nothing(_number: int) -> None:
    """The task."""


async def bare(address: str) -> dict[str, float]:
    """A function for each, as anybody would submit it."""
    from distributed import Client

    async with Client(address, asynchronous=True) as client:
        number = 0

        async def once() -> object:
            nonlocal number
            number += 1
            return await client.submit(nothing, number, pure=False)

        return await rates(once)


async def ours(address: str, isolation: Isolation) -> dict[str, float]:
    """An attempt for each, with everything that belongs to one."""
    from flowrun.attempt import Attempt
    from flowrun.discovery import discover, find
    from flowrun.executors.dask import DaskExecutor
    from flowrun.executors.executor import Workplace
    from flowrun.task import tasks

    (task,) = find(tasks, "exam.echo", discover(_PROJECT))
    executor = DaskExecutor(address=address, isolation=isolation)
    executor.prepare(Workplace(root=_PROJECT, variants={"exam.echo": task.cls}))
    await executor.on_create()
    run_id, number = uuid4().hex, 0

    async def once() -> object:
        nonlocal number
        number += 1
        attempt = Attempt(run_id, "benchmark", f"t{number}", "exam.echo", parameters={"value": None})
        outcome = await executor.run(attempt, lambda _event: None)
        if not outcome.is_completed:
            raise RuntimeError(outcome.message)
        return outcome

    found = await rates(once)
    await executor.on_destroy()
    return found


if __name__ == "__main__":
    kind, where = sys.argv[1:]
    found = bare(where) if kind == "bare" else ours(where, "thread" if kind == "thread" else "process")
    print(json.dumps(asyncio.run(found)))
