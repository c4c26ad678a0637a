"""An executor that answers instead of performing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flowrun.attempt import Attempt, Outcome
from flowrun.executors.executor import Workplace
from flowrun.task import Task
from flowrun.testing import FakeExecutor


class Load(Task):
    """Never performed."""

    rows: int = 1

    def run(self) -> None:
        raise AssertionError("performed")


def answered(answer: Any, task: str = "load", **more: Any) -> Outcome:
    """The outcome of an attempt for which there is this answer."""
    executor = FakeExecutor(answers={"load": answer})
    executor.prepare(Workplace(Path(), {"Load": Load}))
    attempt = Attempt("1", "job", task, "Load", **more)

    outcome = asyncio.run(executor.run(attempt, lambda _event: None))

    assert executor.attempts == [attempt]
    return outcome


async def later(rows: int) -> int:
    """An answer that takes its time."""
    await asyncio.sleep(0)
    return rows + 1


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (3, "3"),
        (None, None),
        (0, "0"),
        (lambda rows: [rows], "[5]"),
        (later, "6"),
        ({"a": (1,)}, '{"a":{"$tuple":[1]}}'),
    ],
)
def test_an_answer_is_a_result_or_gives_one(answer: Any, result: str | None) -> None:
    """Falsy ones too; what can be called is given the parameters as the class has them."""
    outcome = answered(answer, parameters={"rows": "5"})

    assert (outcome.is_completed, outcome.result) == (True, result)


def test_an_exception_or_an_answer_that_raises_is_a_failure() -> None:
    """With the name by which `retry_on` knows it; so are parameters that the class refuses."""
    assert answered(TimeoutError("slow")).error_types[0] == "TimeoutError"
    assert answered(lambda rows: 1 / (rows - 1)).message == "ZeroDivisionError: division by zero"
    assert "rows" in answered(lambda rows: rows, parameters={"rows": "many"}).message


def test_items_of_a_fan_share_an_answer() -> None:
    """Live values stand above what the job file says."""
    assert answered(lambda rows: rows * 2, "load[eu]", parameters={"rows": 1}, live={"rows": 4}).result == "8"
