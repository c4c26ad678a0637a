"""Orders: what follows from signals, from what is told through the queue, and from heartbeats."""

from __future__ import annotations

import asyncio
import signal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from flowrun.attempt import Reason
from flowrun.frq.consumer import Beat, Claimed
from flowrun.frq.control_message import ControlMessage
from flowrun.frq.message import TaskMessage
from flowrun.worker.holdings import Holdings
from flowrun.worker.orders import Orders
from flowrun.worker.reach import Reach


class Held:
    """A delivery that only takes note of what it is told."""

    def __init__(self, entry: str, attempt: str, number: int = 1, *, is_over: bool = False) -> None:
        self.claimed = Claimed(entry, number, {})
        self.message = TaskMessage(attempt, "h", "c")
        self.is_lost = False
        self.is_over = SimpleNamespace(is_set=lambda: is_over)
        self.told: list[Any] = []

    def abort(self, reason: Reason, grace_seconds: float) -> None:
        self.told.append((reason, grace_seconds))

    def kill(self) -> None:
        self.told.append("kill")

    def lose(self) -> None:
        self.is_lost = True
        self.told.append("lose")


class Gate:
    """An intake that is open or paused."""

    is_paused = False

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


class Post:
    """Orders with everything they give orders to."""

    def __init__(self, *held: Held) -> None:
        self.said: list[str] = []
        self.gate = Gate()
        self.reach = Reach("redis://here", self.said.append, lambda: None, lambda: None)
        self.holdings: Holdings[Any] = Holdings(4)
        for one in held:
            self.holdings.add(cast(Any, one))
        self.orders = Orders(self.holdings, cast(Any, self.gate), self.reach, 25.0, self.said.append)


def test_the_first_signal_ends_and_the_second_at_once() -> None:
    """Whichever signals they are."""
    orders = Post().orders

    orders.signalled(signal.SIGTERM)
    assert (orders.is_to_end.is_set(), orders.is_to_end_now.is_set()) == (True, False)
    orders.signalled(signal.SIGINT)
    assert orders.is_to_end_now.is_set()


def test_an_attempt_is_called_back_softly_or_at_once() -> None:
    """Only the one that is meant, whichever delivery it is."""
    meant, other = Held("1-0", "a"), Held("2-0", "b")
    orders = Post(meant, other).orders

    orders.told(ControlMessage("cancel", id="a", grace_ms=3000))
    orders.told(ControlMessage("cancel", id="a", is_hard=True))

    assert meant.told == [(Reason.ABORTED, 3.0), "kill"]
    assert other.told == []


def test_workers_are_drained_paused_and_resumed() -> None:
    """The grace of a drain counts in the place of the worker's own."""
    post = Post()

    post.orders.told(ControlMessage("pause", worker="*"))
    assert post.gate.is_paused
    post.orders.told(ControlMessage("resume", worker="*"))
    assert not post.gate.is_paused
    post.orders.told(ControlMessage("drain", worker="*", grace_ms=1500))

    assert post.orders.is_to_end.is_set()
    assert post.orders.grace_seconds == 1.5


def test_a_lease_that_is_lost_is_that_delivery_alone() -> None:
    """The same entry may have come back to this worker: the new delivery goes on."""
    first, again = Held("1-0", "a", 1), Held("1-0", "a", 2)
    post = Post(first, again)

    post.orders.beaten([("1-0", 1, "a")], Beat(frozenset({"1-0"}), frozenset(), True))

    assert (first.told, again.told) == (["lose"], [])


def test_an_attempt_that_was_called_back_while_redis_was_away_ends() -> None:
    """The heartbeat brings it, if the control stream did not."""
    held = Held("1-0", "a")

    Post(held).orders.beaten([("1-0", 1, "a")], Beat(frozenset(), frozenset({"a"}), True))

    assert [told[0] for told in held.told] == [Reason.ABORTED]


@pytest.mark.parametrize(
    ("silent_leases", "told"),
    [(0.5, []), (0.8, ["lose"]), (1.1, ["lose", "kill"])],
)
def test_attempts_end_before_others_have_them(silent_leases: float, told: list[str]) -> None:
    """Asked at three quarters of a silent lease, killed at its end; a result that is ready waits."""
    under_way, ready = Held("1-0", "a"), Held("2-0", "b", is_over=True)

    Post(under_way, ready).orders.missed("no answer", silent_leases)

    assert (under_way.told, ready.told) == (told, [])


def test_a_worker_that_may_not_renew_its_leases_ends_at_once() -> None:
    """It can keep nothing that it takes."""
    orders = Post().orders

    orders.refused("NOPERM xclaim")

    assert (orders.refusal, orders.is_to_end.is_set(), orders.is_to_end_now.is_set()) == ("NOPERM xclaim", True, True)


def test_what_is_held_is_counted() -> None:
    """Slots are free again when a delivery has gone, and whoever waits for that hears of it."""
    held = Held("1-0", "a")
    holdings = Post(held).holdings
    assert (len(holdings), holdings.free, holdings.is_empty.is_set()) == (1, 3, False)
    assert holdings.leases().held == [("1-0", 1, "a")]
    assert [one.message.id for one in holdings.of_attempt("a")] == ["a"]
    held.is_lost = True
    assert holdings.leases().held == []

    holdings.remove(cast(Any, held))

    assert (len(holdings), holdings.free, holdings.is_empty.is_set()) == (0, 4, True)
    assert holdings.has_changed.is_set()
    assert asyncio.run(asyncio.wait_for(holdings.is_empty.wait(), 1))
