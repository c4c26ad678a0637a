"""Reach: whether Redis can be reached, and how a worker waits while it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from ..errors import ServiceUnreachableError
from ..frq.faults import AwayError, RefusedError

T = TypeVar("T")

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0


class Reach:
    """Has calls repeated until Redis has answered; what it says of that is said once."""

    def __init__(
        self, shown: str, say: Callable[[str], None], count_fault: Callable[[], None], tell_back: Callable[[], None]
    ) -> None:
        """`shown` is the address without a password; `count_fault` hears of every call that failed.

        `tell_back` is called when Redis is back, for those who do not wait here.
        """
        self._shown = shown
        self._say = say
        self._count_fault = count_fault
        self._tell_back = tell_back
        self._is_back = asyncio.Event()
        self.is_away = False

    async def insist(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer, however long it takes. Raises ServiceUnreachableError if Redis refuses for good."""
        seconds = _FIRST_SECONDS
        while True:
            try:
                answer = await call()
            except AwayError as error:
                self.missed(str(error))
            except RefusedError as error:
                if not error.may_pass:
                    raise ServiceUnreachableError(f"Redis at {self._shown} refuses: {error}") from error
                self.missed(str(error))
            else:
                self.met()
                return answer
            await self._pause(seconds)
            seconds = min(2 * seconds, _LONGEST_SECONDS)

    def missed(self, why: str) -> None:
        """A call failed."""
        self._count_fault()
        self._is_back.clear()
        if not self.is_away:
            self.is_away = True
            self._say(f"Redis at {self._shown} is away: {why.rstrip('.')}; waiting")

    def met(self) -> None:
        """A call succeeded: whoever waits tries again at once."""
        if self.is_away:
            self.is_away = False
            self._say(f"Redis at {self._shown} is back")
            self._is_back.set()
            self._tell_back()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_back.wait()
