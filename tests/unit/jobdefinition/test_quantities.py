"""Durations and numbers."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from flowrun.jobdefinition.quantities import Number, Seconds, WholeNumber


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (5, 5.0),
        (0.5, 0.5),
        ("5", 5.0),
        ("0.25", 0.25),
        (" 1e2 ", 100.0),
        ("90s", 90.0),
        ("10m", 600.0),
        ("1h30m", 5400.0),
        ("2d", 172800.0),
        ("500ms", 0.5),
        ("1m500ms", 60.5),
        ("1.5h", 5400.0),
        ("PT10M", 600.0),
        ("PT1H30M5S", 5405.0),
    ],
)
def test_seconds(written, seconds):
    """FM-35: whole numbers, fractions, and text with units."""
    assert TypeAdapter(Seconds).validate_python(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "s", "5 m", "5x", "m5", "5m5", "-5s", -1, True, None, [], "nan", "inf", float("nan")]
)
def test_not_seconds(written):
    """Everything else is refused."""
    with pytest.raises(ValidationError):
        TypeAdapter(Seconds).validate_python(written)


@pytest.mark.parametrize(("written", "number"), [(3, 3), ("3", 3), ("-3", -3)])
def test_whole_numbers(written, number):
    """Text is read, since variables give text."""
    assert TypeAdapter(WholeNumber).validate_python(written) == number


@pytest.mark.parametrize("written", [True, 1.0, 1.5, "1.5", "x", None, []])
def test_not_whole_numbers(written):
    """Neither true nor 1.0 is a whole number."""
    with pytest.raises(ValidationError):
        TypeAdapter(WholeNumber).validate_python(written)


@pytest.mark.parametrize("written", [True, "x", None, float("inf"), float("nan")])
def test_not_numbers(written):
    """A number is finite."""
    with pytest.raises(ValidationError):
        TypeAdapter(Number).validate_python(written)
