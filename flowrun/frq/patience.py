"""Patience: what is asked of Redis is asked again while it is away, up to a stated time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..duration import duration
from .faults import AwayError, RefusedError

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0
_UNMENTIONED_SECONDS = 1.0
"""A Redis that is back so soon was only restarted."""


class GivenUpError(Exception):
    """Redis stayed away for too long, or refuses for good. Who is in charge has been told."""


class Patience:
    """One for everybody who talks to the same Redis: it is away, or there, for all of them."""

    def __init__(
        self, where: str, limit_seconds: float, say: Callable[[str], None], give_up: Callable[[str], None]
    ) -> None:
        """`where` is the URL without password. `say` tells a person, `give_up` ends the run; each with a sentence."""
        self._where = where
        self._limit_seconds = limit_seconds
        self._say = say
        self._give_up = give_up
        self._away_since: float | None = None
        self._unanswered = 0
        """So many ask again: to those who read, Redis may answer while it refuses what others write."""
        self._is_mentioned = False
        self.has_given_up = False
        self.came_back = asyncio.Event()
        """Set when Redis is there again; to be cleared by the one who sees to it."""

    async def insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer, however long that takes. Raises GivenUpError."""
        try:
            answer = await ask()
        except (AwayError, RefusedError) as error:
            answer = await self._asked_again(ask, error)
        if not self._unanswered:
            self._is_there()
        return answer

    def give_up(self, reason: str) -> None:
        """End the run, once."""
        if not self.has_given_up:
            self.has_given_up = True
            self._give_up(reason)

    async def _asked_again(self, ask: Callable[[], Awaitable[T]], error: AwayError | RefusedError) -> T:
        pause = _FIRST_PAUSE_SECONDS
        self._unanswered += 1
        try:
            while True:
                self._failed(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                try:
                    return await ask()
                except (AwayError, RefusedError) as another:
                    error = another
        finally:
            self._unanswered -= 1

    def _failed(self, error: AwayError | RefusedError) -> None:
        if isinstance(error, RefusedError) and not error.may_pass:
            raise self._refused(f"Redis at {self._where} refuses: {error}") from error
        self._is_away(str(error))

    def _is_away(self, cause: str) -> None:
        now = asyncio.get_running_loop().time()
        if self._away_since is None:
            self._away_since = now
        away_seconds = now - self._away_since
        if away_seconds > self._limit_seconds:
            raise self._refused(f"Redis at {self._where} was away for {duration(away_seconds)}: {cause}")
        if away_seconds > min(_UNMENTIONED_SECONDS, self._limit_seconds / 2) and not self._is_mentioned:
            self._is_mentioned = True
            limit = duration(self._limit_seconds)
            self._say(f"Redis at {self._where} is away, waiting up to {limit}: {cause}")

    def _is_there(self) -> None:
        since, self._away_since = self._away_since, None
        if since is None:
            return
        self.came_back.set()
        if self._is_mentioned:
            self._is_mentioned = False
            self._say(f"Redis is back after {duration(asyncio.get_running_loop().time() - since)}")

    def _refused(self, reason: str) -> GivenUpError:
        self.give_up(reason)
        return GivenUpError(reason)
