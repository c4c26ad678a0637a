"""Run a job of ten empty coroutines in a running event loop, and ten awaits in a task group: WHICH."""

import asyncio
import statistics
import sys
import time


async def nothing() -> None:
    """The task."""


async def in_a_group() -> None:
    """The floor."""
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(nothing())


async def main(which: str) -> None:
    """The median of many, as what is measured is short."""
    run = in_a_group
    if which == "job":
        from flowrun import Job

        job = Job("ten")
        for number in range(10):
            job.add(nothing, name=f"t{number}")
        run = job.run
    taken = []
    for _ in range(300):
        begin = time.perf_counter()
        await run()
        taken.append(time.perf_counter() - begin)
    print(statistics.median(taken))


asyncio.run(main(sys.argv[1]))
