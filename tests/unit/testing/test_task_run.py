"""One task, performed alone for a test."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated, Any

import pytest

from flowrun.attempt import Reason
from flowrun.errors import JobFailedError, UsageError
from flowrun.task import Result, Task, task
from flowrun.testing import run_task


class Load(Task):
    """Says something in every hook that it has."""

    rows: int = 3

    def on_create(self) -> None:
        print("opening", self.rows)

    def run(self) -> list[int]:
        if self.rows < 0:
            raise ValueError("no rows")
        self.shared_dict["day"] = self.shared_dict.get("day", "monday").upper()
        self.logger.warning("loaded")
        return list(range(self.rows))

    def on_failure(self) -> None:
        self.shared_dict["failed"] = True

    async def on_destroy(self) -> None:
        await asyncio.sleep(0)


class Known(Task):
    """Tells what it knows of itself."""

    def run(self) -> dict[str, Any]:
        me = self.metadata
        return {"name": me.name, "attempt": me.attempt, "env": dict(self.env), "os": os.environ.get("DAY")}

    def on_restart(self) -> None:
        print("again")


@task
def rows_added_up(rows: Annotated[list[int], Result("load", "rows")], factor: int = 1) -> int:
    """Add up what another task loaded."""
    return sum(rows) * factor


@task
async def in_capitals(text: str) -> str:
    """A coroutine."""
    await asyncio.sleep(0)
    return text.upper()


def test_everything_that_came_of_it_is_told() -> None:
    """Outcome, result, hooks in order, what was said, shared values. FM-88"""
    run = run_task(Load, {"rows": 2}, shared={"day": "tuesday"})

    assert run.result == [0, 1]
    assert run.hooks == ("on_create", "run", "on_destroy")
    assert run.lines == ("opening 2", "loaded")
    assert run.shared == {"day": "TUESDAY"}


def test_a_failure_is_an_outcome() -> None:
    """It is not raised until somebody asks for the result; its traceback is the user's alone."""
    run = run_task(Load, {"rows": -1})

    assert (run.outcome.reason, run.outcome.message) == (Reason.RAISED, "ValueError: no rows")
    assert run.hooks == ("on_create", "run", "on_failure", "on_destroy")
    assert run.shared == {"failed": True}
    assert "flowrun/" not in run.outcome.traceback.replace(__file__, "")
    with pytest.raises(JobFailedError, match="no rows"):
        run.result


def test_a_parameter_that_does_not_fit_is_a_failure_too() -> None:
    """As it would be in a job whose value is known only when it runs."""
    run = run_task(Load, {"rows": "many"})

    assert "rows" in run.outcome.message
    assert run.hooks == ()


def test_results_of_others_are_given_by_name() -> None:
    """For `Result` and for expressions, at any depth. AS-14"""
    assert run_task(rows_added_up, results={"load": {"rows": [1, 2]}}).result == 3
    assert run_task(rows_added_up, {"rows": ["${{ tasks.a.result }}", 5]}, results={"a": 7}).result == 12
    assert (
        run_task(rows_added_up, {"rows": [1], "factor": "${{ tasks.a.result.n }}"}, results={"a": {"n": 4}}).result == 4
    )


def test_a_result_that_is_needed_and_not_given_is_named() -> None:
    """The message says how to give it."""
    with pytest.raises(UsageError, match=r"'rows' needs the result of task 'load': give it in `results`"):
        run_task(rows_added_up)


def test_attempt_restart_and_environment_are_as_the_test_says() -> None:
    """And the environment is as before afterwards."""
    run = run_task(Known, name="known", attempt=2, is_restart=True, env={"DAY": "sunday"})

    assert run.result == {"name": "known", "attempt": 2, "env": {"DAY": "sunday"}, "os": "sunday"}
    assert run.hooks == ("on_restart", "run")
    assert "DAY" not in os.environ


def test_a_coroutine_is_performed_inside_an_event_loop_too() -> None:
    """A test may be a coroutine itself."""

    async def test() -> Any:
        return run_task(in_capitals, {"text": "a"}).result

    assert run_task(in_capitals, {"text": "a"}).result == "A"
    assert asyncio.run(test()) == "A"


def test_what_is_no_task_is_refused() -> None:
    """A plain function has no parameters that a job file could give."""
    with pytest.raises(TypeError, match="no `@task`"):
        run_task(len)
