"""Ended: how long ids of attempts are remembered."""

from __future__ import annotations

from flowrun.executors.redis_ended import Ended


def test_an_id_is_remembered_for_a_while_and_not_for_ever() -> None:
    """It stays until `forget` was called twice, so what is remembered does not grow with the run."""
    ended = Ended()
    ended.add("r/a/1")
    ended.forget()
    ended.add("r/b/1")

    assert "r/a/1" in ended
    ended.forget()
    assert "r/a/1" not in ended
    assert "r/b/1" in ended
    ended.forget()
    assert len(ended) == 0
