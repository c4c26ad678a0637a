"""How far an attempt is: which numbers are taken, and what becomes of them."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest

from flowrun.attempt import Attempt
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.progress import Progress, ProgressEvent


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -1, -0.5, 10**400])
def test_a_number_that_says_nothing_is_refused(number: float) -> None:
    """Neither as what is done nor as the total."""
    with pytest.raises(ValueError, match="done is to be a finite number that is not negative"):
        Progress.checked(number, 10, "")
    with pytest.raises(ValueError, match="total is to be"):
        Progress.checked(1, number, "")


@pytest.mark.parametrize("number", [None, [1], object()])
def test_what_is_no_number_is_refused(number: Any) -> None:
    """As anywhere in Python."""
    with pytest.raises(TypeError):
        Progress.checked(number, 10, "")


@pytest.mark.parametrize(
    ("number", "plain"),
    [(3, 3), (0.5, 0.5), (True, 1), (numpy.int64(3), 3), (numpy.float32(0.5), 0.5), (2**60, float(2**60))],
)
def test_any_kind_of_number_is_taken(number: Any, plain: float) -> None:
    """It travels as one that every language reads."""
    said = Progress.checked(number, number, "")

    assert (said.done, said.total) == (plain, plain)
    assert type(said.done) is type(plain)


def test_a_message_is_a_short_text() -> None:
    """Whatever was given."""
    assert Progress.checked(1, None, KeyError("a")).message == "'a'"
    assert len(Progress.checked(1, None, "x" * 1000).message) == 300


@pytest.mark.parametrize(
    ("progress", "share"),
    [(Progress(3, 4), 0.75), (Progress(3), None), (Progress(0, 0), 1.0), (Progress(5, 4), 1.0), (Progress(0, 4), 0.0)],
)
def test_the_share_that_is_done(progress: Progress, share: float | None) -> None:
    """Never more than everything; nothing at all is done at once."""
    assert progress.share == share


def test_the_event_survives_being_written() -> None:
    """It has one JSON form, and names task, attempt and job."""
    event = ProgressEvent.of(Attempt("R", "job", "load", "Load", number=2), Progress(3, 10, "rows"))

    assert SerializableEvent.deserialize(event.serialize()) == event
    assert (event.name, event.attempt, event.job_name) == ("load", 2, "job")
    assert event.progress == Progress(3, 10, "rows")
