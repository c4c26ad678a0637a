"""Back-off: how long the pause before another try is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrun.engine.backoff import pause_seconds
from flowrun.jobdefinition.task_definition import Backoff


def middle() -> float:
    return 0.5


def test_a_number_is_the_same_pause_each_time() -> None:
    """Fractions of a second are possible. FM-35"""
    assert [pause_seconds(0.5, failures, middle) for failures in (1, 2, 9)] == [0.5, 0.5, 0.5]


def test_a_growing_pause_stops_at_its_cap() -> None:
    """`first`, then times `factor`, never over `cap`. FM-35"""
    backoff = Backoff(first=2.0, factor=3.0, cap=20.0)

    assert [pause_seconds(backoff, failures, middle) for failures in (1, 2, 3, 4)] == [2.0, 6.0, 18.0, 20.0]


def test_a_factor_that_overflows_gives_the_cap() -> None:
    """A thousand failures are no arithmetic error."""
    assert pause_seconds(Backoff(first=1.0, factor=10.0, cap=60.0), 1000, middle) == 60.0


@given(st.floats(0, 1), st.integers(1, 2000))
def test_jitter_keeps_at_least_half_of_the_pause(drawn: float, failures: int) -> None:
    """With `jitter` a pause lies between half of what it would be and all of it."""
    plain = Backoff(first=1.5, factor=1.7, cap=90.0)
    spread = Backoff(first=1.5, factor=1.7, cap=90.0, jitter=True)
    whole = pause_seconds(plain, failures, middle)

    assert whole / 2 <= pause_seconds(spread, failures, lambda: drawn) <= whole


def test_without_jitter_nothing_is_drawn() -> None:
    """The same job has the same pauses."""
    drawn: list[float] = []

    def draw() -> float:
        drawn.append(1.0)
        return 1.0

    pause_seconds(Backoff(), 3, draw)

    assert drawn == []
