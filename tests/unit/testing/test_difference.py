"""What is not as a test case expects."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.testing.case import Expectation
from flowrun.testing.difference import NO_TASK, Found, differences


def found(**changes: Any) -> Found:
    """A run of two tasks that completed."""
    whole: dict[str, Any] = {
        "states": {"load": "COMPLETED", "fan": "COMPLETED", "fan[1]": "COMPLETED"},
        "results": {"load": {"rows": [1, 2.0], "ok": True}},
        "starts": ["load", "fan", "fan[1]"],
        "lines": {"load": ["read a.csv", "2 rows", "done"]},
        "problems": (),
        "failures": {},
    }
    return Found(**{**whole, **changes})


@pytest.mark.parametrize(
    "expect",
    [
        {},
        {"states": {"load": "COMPLETED", "fan[1]": "COMPLETED"}},
        {"results": {"load": {"rows": [1, 2], "ok": True}, "fan": None}},
        {"order": ["load", "fan[1]"]},
        {"lines": {"load": ["a.csv", "done"]}},
        {"lines": {"load": "rows"}},
    ],
)
def test_what_is_as_expected_makes_no_difference(expect: dict[str, Any]) -> None:
    """Only what is named is looked at; `2` is the same as `2.0`."""
    assert differences(Expectation.model_validate(expect), found()) == []


@pytest.mark.parametrize(
    ("expect", "path", "is_there"),
    [
        ({"states": {"load": "FAILED"}}, ("states", "load"), "COMPLETED"),
        ({"states": {"laod": "FAILED"}}, ("states", "laod"), NO_TASK),
        ({"results": {"load": {"rows": [1, 2]}}}, ("results", "load"), {"rows": [1, 2.0], "ok": True}),
        (
            {"results": {"load": {"rows": [1, 2], "ok": 1}}},
            ("results", "load"),
            {"rows": [1, 2.0], "ok": True},
        ),
        ({"results": {"laod": 1}}, ("results", "laod"), NO_TASK),
        ({"order": ["fan", "load"]}, ("order",), ["load", "fan"]),
        ({"lines": {"load": ["done", "a.csv"]}}, ("lines", "load"), ["read a.csv", "2 rows", "done"]),
        ({"problems": ["FR207"]}, ("problems",), []),
    ],
)
def test_each_difference_tells_its_place_and_what_is_there(
    expect: dict[str, Any], path: tuple[str, ...], is_there: Any
) -> None:
    """`true` is not 1, and a task that is not there is said to be none."""
    [one] = differences(Expectation.model_validate(expect), found())

    assert (one.path, one.found) == (path, is_there)


def test_a_case_without_states_expects_that_the_job_completes() -> None:
    """And is told why it did not."""
    run = found(states={"load": "FAILED"}, failures={"load": "ValueError: no rows"})

    [one] = differences(Expectation(), run)

    assert (one.path, one.expected, one.found, one.note) == (
        ("states", "load"),
        "COMPLETED",
        "FAILED",
        "ValueError: no rows",
    )
    assert differences(Expectation(states={"load": "FAILED"}), run) == []


@pytest.mark.parametrize(("problems", "count"), [(["FR207"], 1), (["FR207", "no task"], 0), (None, 1), ([], 1)])
def test_every_problem_of_a_refused_job_is_to_be_expected(problems: list[str] | None, count: int) -> None:
    """By its code or a part of its message; none more and none less."""
    run = found(problems=["FR207 job.yaml:3: wrong", "FR302 job.yaml:4: no task is named 'x'"])

    assert len(differences(Expectation(problems=problems), run)) == count
