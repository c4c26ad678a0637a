"""How many attempts are in Redis at the same time."""

from __future__ import annotations

import asyncio

from flowrun.frq.window import SMALLEST, Window


async def _enter(window: Window, entered: list[int], number: int) -> None:
    await window.enter()
    entered.append(number)


def test_they_enter_in_order_and_as_far_as_there_is_room() -> None:
    """Those behind wait; whoever leaves lets the next one in, and a larger window more of them."""

    async def story() -> None:
        window, entered = Window(), list[int]()
        tasks = [asyncio.create_task(_enter(window, entered, number)) for number in range(SMALLEST + 5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert entered == list(range(SMALLEST))
        window.leave()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert entered == list(range(SMALLEST + 1))
        window.resize(SMALLEST + 4)
        await asyncio.gather(*tasks)
        assert entered == list(range(SMALLEST + 5))

    asyncio.run(story())


def test_who_gives_up_waiting_takes_no_room() -> None:
    """One that is cancelled in the queue, or in the moment in which it could enter, leaves its place to the next."""

    async def story() -> None:
        window, entered = Window(), list[int]()
        for number in range(SMALLEST):
            await _enter(window, entered, number)
        first, second, third = (asyncio.create_task(_enter(window, entered, number)) for number in (101, 102, 103))
        await asyncio.sleep(0)
        first.cancel()
        window.leave()
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        await asyncio.wait_for(third, 5)
        assert entered[-1] == 103

    asyncio.run(story())
