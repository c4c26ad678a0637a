"""Result: what a job file says for it."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.task import Result


@pytest.mark.parametrize(
    ("result", "expression"),
    [
        (Result("load"), "${{ tasks.load.result }}"),
        (Result("load", "rows", 0, "id"), "${{ tasks.load.result.rows[0].id }}"),
        (Result("etl/load-all", "first row"), "${{ tasks['etl/load-all'].result['first row'] }}"),
        (Result("load", -1), "${{ tasks.load.result[-1] }}"),
    ],
)
def test_a_result_is_an_expression(result: Result, expression: str) -> None:
    """Whole, by key and by index. AS-14"""
    assert result.expression(str(result.task)) == expression


@pytest.mark.parametrize(("task", "path"), [(3, ()), ("load", (True,)), ("load", (1.5,)), ("load", (None,))])
def test_what_leads_nowhere_is_refused(task: Any, path: tuple[Any, ...]) -> None:
    """Where it is written."""
    with pytest.raises(TypeError, match="Result needs"):
        Result(task, *path)


def test_it_is_shown_as_it_is_written() -> None:
    """In `flowrun list`."""
    assert repr(Result("load", "rows", 0)) == "Result('load', 'rows', 0)"
    assert repr(Result(test_a_result_is_an_expression)) == "Result(test_a_result_is_an_expression)"
