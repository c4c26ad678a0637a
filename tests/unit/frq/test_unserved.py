"""Handlers that nobody offers."""

from __future__ import annotations

from flowrun.frq.fleet import Worker
from flowrun.frq.unserved import Unserved


def test_it_is_said_and_then_given_up() -> None:
    """After half a minute it is said once what is offered where, and after the stated time the handler is given up."""
    said: list[str] = []
    unserved = Unserved("go", 60.0, said.append)
    worker = Worker("host-1", 4, {"b": None, "a": None})

    assert unserved.look({"resize"}, [worker], 0.0) == {}
    assert unserved.look({"resize"}, [worker], 29.0) == {}
    assert said == []
    unserved.look({"resize"}, [worker], 30.0)
    unserved.look({"resize"}, [worker], 31.0)
    given_up = unserved.look({"resize"}, [worker], 60.0)

    assert said == ["no worker of the queue 'go' offers 'resize'; there are: host-1 (a, b); waiting up to 1m 00s"]
    assert given_up == {
        "resize": "no worker of the queue 'go' offers 'resize'; there are: host-1 (a, b); waited 1m 00s"
    }


def test_time_counts_only_while_nobody_is_there() -> None:
    """A worker that was there in between begins the time anew."""
    said: list[str] = []
    unserved = Unserved("go", 60.0, said.append)
    unserved.look({"resize"}, [], 0.0)
    unserved.look({"resize"}, [Worker("w", 1, {"resize": None})], 50.0)

    assert unserved.look({"resize"}, [], 70.0) == {}
    assert said == []


def test_time_in_which_redis_was_away_does_not_count() -> None:
    """Workers that Redis has forgotten need a moment to say again who they are."""
    unserved = Unserved("go", 60.0, print)
    unserved.look({"resize"}, [], 0.0)

    assert unserved.look({"resize"}, [], 500.0) == {}
    assert unserved.look({"resize"}, [], 540.0) == {}
    assert set(unserved.look({"resize"}, [], 560.0)) == {"resize"}
