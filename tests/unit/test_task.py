"""What a task may use, without anything that performs it."""

from __future__ import annotations

import warnings

import pytest

from flowrun.bench import Bench
from flowrun.eventbus.progress import Progress
from flowrun.task import Task, current, progress


class Looks(Task):
    def run(self) -> dict[str, str]:
        return dict(self.env)


def test_the_environment_of_an_attempt_is_at_hand() -> None:
    """Empty where nobody performs the task, as in a unit test."""
    task = Looks()
    assert task.run() == {}

    task.take_bench(Bench(env={"A": "secret"}))

    assert task.run() == {"A": "secret"}
    assert "secret" not in repr(Bench(env={"A": "secret"}))


def test_a_field_may_be_called_env() -> None:
    """Then it is the field, and Python warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class HasField(Task):
            env: dict[str, int]  # type: ignore[assignment]

            def run(self) -> dict[str, int]:
                return self.env

    task = HasField.model_validate({"env": {"A": 1}})
    task.take_bench(Bench(env={"A": "b"}))

    assert task.run() == {"A": 1}


def test_progress_where_no_task_is_performed_does_nothing() -> None:
    """So a function that tells how far it is can be called in a unit test; wrong numbers are told there too."""
    progress(1, 2, "rows")

    with pytest.raises(ValueError, match="done is to be a finite number"):
        progress(-1)


def test_progress_reaches_whoever_performs_the_task() -> None:
    """Also from a function that the task calls."""
    told: list[Progress] = []
    task = Looks()
    task.take_bench(Bench(tell=told.append))

    before = current.set(task)
    progress(1, 2, "rows")
    current.reset(before)

    assert told == [Progress(1, 2, "rows")]
