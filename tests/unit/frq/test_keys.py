"""Names of keys and ids of attempts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.frq.keys import Keys, attempt_id


def test_all_keys_of_a_queue_are_in_one_slot() -> None:
    """The name of the queue stands in braces in each, which is what a cluster looks at."""
    keys = Keys("p", "go-cpu")

    every = [keys.tasks, keys.control, keys.cancel, keys.dead, keys.workers, keys.submitted("a"), keys.events("c")]
    every += [keys.log("c"), keys.worker("w"), keys.client("c"), keys.blob("0")]
    assert all(key.startswith("p:{go-cpu}:") for key in every)
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("queue", ["", "A", "a b", "a:b", "a{b}", "x" * 65, "ä"])
def test_names_of_queues(queue: str) -> None:
    """A name that the protocol does not allow is refused."""
    with pytest.raises(ValueError, match="cannot be the name of a queue"):
        Keys("p", queue)


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300), st.integers(1, 10**6))
def test_ids(one: str, other: str, number: int) -> None:
    """Whatever tasks are called, their ids are allowed, and different for different names. X-CF-01"""
    first, second = attempt_id("01JABC", one, number), attempt_id("01JABC", other, number)

    assert re.fullmatch(r"[A-Za-z0-9._/:-]{1,200}", first)
    assert (first == second) is (one == other)
    assert first != attempt_id("01JABC", one, number + 1)
