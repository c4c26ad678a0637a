"""Post: what is said after the job is over is neither delivered nor kept."""

from __future__ import annotations

import asyncio
import weakref

from flowrun.executors.post import Post


class Call:
    """Something that takes memory as long as it is kept."""

    def __call__(self) -> None:
        raise AssertionError("nobody is there to deliver it")


def test_a_worker_that_was_left_behind_fills_no_memory() -> None:
    """However often it speaks after the event loop has ended."""

    async def make() -> Post:
        return Post()

    post = asyncio.run(make())
    calls = [Call() for _ in range(3)]
    kept = [weakref.ref(call) for call in calls]
    while calls:
        post.put(calls.pop())

    assert [one() for one in kept] == [None] * 3
