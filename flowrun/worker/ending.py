"""Ending: how a worker ends. What is under way may end, what has not in time is given back, and Redis is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ..attempt import Reason
from ..frq.consumer import Consumer
from ..frq.faults import AwayError, RefusedError
from .delivery import Delivery
from .holdings import Holdings
from .intake import Intake
from .orders import Orders

_LAST_GRACE_SECONDS = 2.0
"""What attempts have to end that did not end within the grace of the worker."""
_LAST_WORDS_SECONDS = 5.0
"""How long leaving may take if Redis is slow or away: the lease does the rest."""


class ForcedToEnd(Exception):
    """There is no time to take leave."""


class Ending:
    """The last steps of a worker."""

    def __init__(
        self,
        holdings: Holdings[Delivery],
        intake: Intake,
        orders: Orders,
        consumer: Consumer,
        say: Callable[[str], None],
    ) -> None:
        self._holdings, self._intake, self._orders = holdings, intake, orders
        self._consumer, self._say = consumer, say

    async def see_out(self, claiming: asyncio.Task[None], tell_news: Callable[[], None]) -> None:
        """Take nothing more, and let attempts end; after a signal only as long as they may.

        `claiming` takes what is new; `tell_news` is called when it ends. Raises ForcedToEnd.
        """
        await self._intake.close(claiming, _LAST_WORDS_SECONDS)
        tell_news()
        is_empty, grace_seconds = self._holdings.is_empty, self._orders.grace_seconds
        await first_of(is_empty, self._orders.is_to_end)
        if not is_empty.is_set():
            self._say(f"ending: {len(self._holdings)} under way may take {grace_seconds:g} s")
            await self._wait_until_empty(grace_seconds)
        if not is_empty.is_set():
            await self._give_back()

    async def take_leave(self) -> None:
        """Tell Redis. Where that takes too long, it forgets us by itself."""
        with suppress(TimeoutError, AwayError, RefusedError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await self._consumer.leave()

    async def _give_back(self) -> None:
        self._say(f"{len(self._holdings)} under way are stopped and given back")
        for delivery in self._holdings:
            delivery.is_given_back = True
            delivery.abort(Reason.ABORTED, _LAST_GRACE_SECONDS)
        await self._wait_until_empty(_LAST_GRACE_SECONDS + _LAST_WORDS_SECONDS)
        if not self._holdings.is_empty.is_set():
            raise ForcedToEnd

    async def _wait_until_empty(self, seconds: float) -> None:
        """Wait so long. Raises ForcedToEnd when the second signal comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await first_of(self._holdings.is_empty, self._orders.is_to_end_now)
        if self._orders.is_to_end_now.is_set():
            raise ForcedToEnd


async def first_of(*events: asyncio.Event) -> None:
    """Returns when one of them is set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
