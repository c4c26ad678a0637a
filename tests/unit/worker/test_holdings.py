"""Holdings: deliveries of one attempt, and whose turn it is."""

from __future__ import annotations

import asyncio
from typing import Any

from flowrun.frq.consumer import Claimed
from flowrun.frq.message import TaskMessage
from flowrun.worker.holdings import Holdings


class Held:
    """A delivery that only takes note of what it is told."""

    def __init__(self, entry: str, attempt: str, number: int = 1) -> None:
        self.claimed = Claimed(entry, number, {})
        self.message = TaskMessage(attempt, "h", "c")
        self.is_lost = False
        self.is_over = asyncio.Event()
        self.is_killed = False

    def kill(self) -> None:
        self.is_killed = True


def _end(holdings: Holdings[Any], name: str, held: Held) -> None:
    holdings.end_turn(name)
    held.is_over.set()


def test_deliveries_are_found_by_their_attempt() -> None:
    """All of them, and none that was given up."""
    first, again, other = Held("1-0", "a"), Held("1-0", "a", 2), Held("2-0", "b")
    holdings: Holdings[Held] = Holdings(4)
    for one in (first, again, other):
        holdings.add(one)

    assert holdings.of_attempt("a") == [first, again]
    holdings.remove(first)
    assert holdings.of_attempt("a") == [again]
    holdings.remove(again)
    assert (holdings.of_attempt("a"), holdings.of_attempt("c"), holdings.free) == ([], [], 3)


def test_what_has_one_name_is_performed_one_after_the_other() -> None:
    """However many messages name the same attempt, and in whichever order they are ready."""

    async def main() -> None:
        holdings: Holdings[Held] = Holdings(4)
        first, second, third = (Held(f"{number}-0", f"id{number}") for number in range(3))
        await holdings.take_turn("load", first)
        waiting = [asyncio.create_task(holdings.take_turn("load", one)) for one in (second, third)]
        await holdings.take_turn("store", Held("9-0", "other"))
        await asyncio.sleep(0)
        assert not any(one.done() for one in waiting)

        _end(holdings, "load", first)
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)
        assert [one.done() for one in waiting] == [True, False]

        _end(holdings, "load", second)
        await waiting[1]
        assert not first.is_killed

    asyncio.run(main())


def test_one_that_is_lost_is_killed_for_the_next() -> None:
    """Nothing that comes of it counts."""

    async def main() -> None:
        holdings: Holdings[Held] = Holdings(4)
        lost, next_one = Held("1-0", "a"), Held("1-0", "a", 2)
        await holdings.take_turn("load", lost)
        lost.is_lost = True
        waiting = asyncio.create_task(holdings.take_turn("load", next_one))
        await asyncio.sleep(0)
        assert lost.is_killed

        _end(holdings, "load", lost)
        await waiting

    asyncio.run(main())


def test_what_is_reported_takes_no_slot() -> None:
    """The next may begin meanwhile; but no more are held than twice the slots, however long reporting takes."""
    holdings: Holdings[Held] = Holdings(2)
    held = [Held(f"{number}-0", f"id{number}") for number in range(4)]
    for one in held[:2]:
        holdings.add(one)
    assert holdings.free == 0

    for one in held[:2]:
        one.is_over.set()
        holdings.report()
    assert holdings.free == 2
    for one in held[2:]:
        holdings.add(one)
    assert (len(holdings), holdings.running) == (4, 2)
    assert (len(holdings.leases().held), holdings.leases().running) == (4, 2)
    held[2].is_over.set()
    holdings.report()
    assert holdings.free == 0

    holdings.remove(held[0])
    assert (holdings.free, holdings.running) == (1, 1)
    for one in held[1:]:
        holdings.remove(one)
    assert holdings.free == 2
