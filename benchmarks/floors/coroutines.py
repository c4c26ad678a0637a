"""Run empty coroutines in a task group: COUNT."""

import asyncio
import sys
import time


async def nothing() -> None:
    """The task."""


async def main(count: int) -> None:
    """Create and wait."""
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(nothing())
    print(time.perf_counter() - begin)


asyncio.run(main(int(sys.argv[1])))
