"""Inbox: whatever happens reaches the plan, once and in order."""

from __future__ import annotations

import asyncio

from flowrun.engine.inbox import Inbox
from flowrun.engine.instruction import Abort, Instruction


def test_what_comes_while_the_plan_is_told_is_told_with_it() -> None:
    """After all that came before."""
    inbox = Inbox()

    def first() -> list[Instruction]:
        inbox.put(lambda: [Abort("third")])
        return [Abort("first")]

    inbox.put(first)
    inbox.put(lambda: [Abort("second")])

    assert len(inbox) == 2
    assert inbox.empty() == [Abort("first"), Abort("second"), Abort("third")]
    assert inbox.empty() == []


def test_who_waits_is_woken_by_what_happens() -> None:
    """Without a limit, and with one that is never reached."""

    async def play() -> list[int]:
        inbox, lengths = Inbox(), []
        for limit in (None, 3600.0):
            asyncio.get_running_loop().call_soon(inbox.put, list)
            await inbox.wait(limit)
            lengths.append(len(inbox))
            inbox.empty()
        return lengths

    assert asyncio.run(play()) == [1, 1]


def test_who_finds_something_does_not_wait() -> None:
    """Nothing else has its turn before."""

    async def play() -> bool:
        inbox, has_come = Inbox(), asyncio.Event()
        asyncio.get_running_loop().call_soon(has_come.set)
        inbox.put(list)
        await inbox.wait()
        return has_come.is_set()

    assert not asyncio.run(play())


def test_a_wait_of_no_time_lets_others_have_their_turn() -> None:
    """Whether there is something or not."""

    async def play() -> bool:
        inbox, has_come = Inbox(), asyncio.Event()
        asyncio.get_running_loop().call_soon(has_come.set)
        inbox.put(list)
        await inbox.wait(0)
        return has_come.is_set()

    assert asyncio.run(play())


def test_a_wait_with_a_limit_ends_without_news() -> None:
    """So that what nobody tells of is looked at now and then."""

    async def play() -> int:
        inbox = Inbox()
        await inbox.wait(0.001)
        return len(inbox)

    assert asyncio.run(play()) == 0
