"""Reach: calls are repeated while Redis is away, and that is said once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from flowrun.errors import ServiceUnreachableError
from flowrun.frq.faults import AwayError, RefusedError
from flowrun.worker.reach import Reach


class Server:
    """Answers with what it is told to, one after the other."""

    def __init__(self, *answers: object) -> None:
        self.said: list[str] = []
        self.faults = self.returns = 0
        self.reach = Reach("redis://here", self.said.append, self._count, self._note_return)
        self._answers: Iterator[object] = iter(answers)

    async def call(self) -> object:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            asyncio.get_running_loop().call_soon(self.reach.met)  # a heartbeat finds that Redis is back
            raise answer
        return answer

    def _count(self) -> None:
        self.faults += 1

    def _note_return(self) -> None:
        self.returns += 1

    def insist(self) -> object:
        async def insisting() -> object:
            return await self.reach.insist(self.call)

        return asyncio.run(insisting())


def test_a_call_is_repeated_until_it_is_answered() -> None:
    """Away, or unable to work now: both pass."""
    server = Server(AwayError("connection refused."), RefusedError("LOADING the dataset"), 7)

    assert server.insist() == 7
    assert (server.faults, server.returns) == (2, 2)
    assert server.said[:2] == [
        "Redis at redis://here is away: connection refused; waiting",
        "Redis at redis://here is back",
    ]


def test_a_refusal_is_not_repeated() -> None:
    """What Redis will never allow ends the worker, in the words of Redis."""
    server = Server(RefusedError("NOPERM this user has no permissions"))

    with pytest.raises(ServiceUnreachableError, match="redis://here refuses: NOPERM this user"):
        server.insist()


def test_that_redis_is_away_is_said_once() -> None:
    """Whoever else fails meanwhile adds nothing."""
    server = Server()
    for _ in range(3):
        server.reach.missed("reset")
    server.reach.met()
    server.reach.met()

    assert server.said == ["Redis at redis://here is away: reset; waiting", "Redis at redis://here is back"]
    assert server.faults == 3
