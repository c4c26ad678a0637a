"""Choose: one of several tasks in the place of this one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from flowrun.addition import Additions
from flowrun.bench import Bench
from flowrun.builtin.choose import Choose
from flowrun.task import Task, task


@task
class Sum(Task):
    """A task to choose."""

    n: int

    def run(self) -> int:
        return self.n


AMONG = {"sum": {"task": "Sum", "parameters": {"n": 1}}, "nothing": None}


def added(choice: str) -> list[dict[str, object]]:
    """What a choice adds to the job."""
    chosen, additions = Choose.model_validate({"choice": choice, "among": AMONG}), Additions("pick")
    chosen.take_bench(Bench(additions=additions))
    chosen.run()
    return list(additions.outcome.get("spawned", ()))


def test_the_chosen_task_stands_in() -> None:
    """It is added under the name of the choice; where there is nothing to do, nothing is. PW-55"""
    (one,) = added("sum")

    assert (one["name"], one["stands_in"]) == ("pick/sum", True)
    assert added("nothing") == []


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"choice": "sums", "among": AMONG}, "`choice` is 'sums'; there are: sum, nothing"),
        ({"choice": "a", "among": {"a": {"task": "Summ"}}}, "no task class is called 'Summ'; did you mean 'Sum'?"),
        ({"choice": "a", "among": {"a": {"task": "Sum"}}}, "the parameters do not fit Sum: `n`: Field required"),
        ({"choice": "a", "among": {}}, "at least 1 item"),
    ],
)
def test_what_cannot_be_chosen_is_refused(parameters: dict[str, object], said: str) -> None:
    """The choice, the names of the classes, and their parameters, all before anything runs."""
    with pytest.raises(ValidationError) as refused:
        Choose.model_validate(parameters)

    assert said in str(refused.value)


def test_what_an_expression_gives_is_not_judged_before() -> None:
    """It is when the job runs."""
    open_parameters = {"a": {"task": "Sum", "parameters": {"n": "${{ tasks.x.result }}"}}}

    assert Choose.model_validate({"choice": "${{ vars.mode }}", "among": open_parameters})
