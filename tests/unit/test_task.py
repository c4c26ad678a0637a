"""What a task may use, without anything that performs it."""

from __future__ import annotations

import warnings

from flowrun.task import Bench, Task


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
