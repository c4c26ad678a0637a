"""Which plain text is what, by YAML 1.2."""

from __future__ import annotations

import math

import pytest


@pytest.mark.parametrize(
    "written",
    [
        *(
            "no",
            "yes",
            "on",
            "off",
            "y",
            "22:30",
            "12:30:45",
            "0755",
            "-007",
            "1_000",
            "2026-11-21",
            "1.2.3",
            "0b1",
            "08.5",
        ),
        *("null and void", "truely", "1e", "+", ".", "0x", "12h", "=", "NO", "tRUE", "None", "1,000", "५"),
    ],
)
def test_text_stays_text(project, written):
    """What only looks like a value to YAML 1.1 is text; `0755` is neither octal nor decimal."""
    assert project.parameters(f"x: {written}") == {"x": written}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[(word, True) for word in ("true", "True", "TRUE")],
        *[(word, False) for word in ("false", "False", "FALSE")],
        *[(word, None) for word in ("null", "Null", "NULL", "~", "")],
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("99999999999999999999999", 99999999999999999999999),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("-.inf", -math.inf),
        (".INF", math.inf),
    ],
)
def test_values(project, written, value):
    """Numbers, truth values and nothing are written as the core schema of YAML 1.2 has them."""
    parameters = project.parameters(f"x: {written}")
    assert parameters == {"x": value}
    assert type(parameters["x"]) is type(value)


def test_not_a_number(project):
    """`.nan` is the number that equals none."""
    assert math.isnan(project.parameters("x: .nan")["x"])


@pytest.mark.parametrize("written", ["'5'", '"true"', "!!str 5", "|-\n  5", ">-\n  5"])
def test_what_is_quoted_or_a_block_is_text(project, written):
    """Only plain scalars are looked at."""
    assert isinstance(project.parameters(f"x: {written}")["x"], str)


@pytest.mark.parametrize("written", ["9" * 5000, "0x" + "f" * 5000, "!!int " + "1" * 2000])
def test_a_number_with_thousands_of_digits_is_refused(project, written):
    """Python itself would fail at it later."""
    problem = project.problem(f"tasks: {{a: {{task: T, parameters: {{x: {written}}}}}}}\n")
    assert (problem.code, problem.path) == ("FR109", "tasks.a.parameters.x")


@pytest.mark.parametrize(
    ("written", "value"), [("!!int 5", 5), ("!!float 5", 5.0), ("!!bool true", True), ("!!null ''", None)]
)
def test_standard_tags(project, written, value):
    """The tags of the core schema are allowed."""
    assert project.parameters(f"x: {written}") == {"x": value}


@pytest.mark.parametrize(
    "written", ["!!int five", "!!int 0755", "!!bool yes", "!!seq x", "!!map [1]", "!!str [1]", "!!int {a: 1}"]
)
def test_a_tag_that_does_not_fit(project, written):
    """A standard tag on something else is refused."""
    problem = project.problem(f"tasks:\n  a:\n    task: T\n    parameters:\n      x: {written}\n")
    assert (problem.code, problem.path, problem.place.line) == ("FR110", "tasks.a.parameters.x", 5)
