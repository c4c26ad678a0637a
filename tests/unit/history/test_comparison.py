"""Comparison: what differs between two runs, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.comparison import compared
from flowrun.history.reader import History

from .conftest import BEGAN, Written, failed, task


def test_runs_are_compared_in_everything_that_is_known(written: Written, history: History) -> None:
    """Definition, labels, states, durations that matter, results and shared values."""
    tasks = [task("extract"), task("load"), task("fast")]
    good = written(run="good", tasks=tasks, labels={"day": "1"})
    good.performed(0, 10, "extract", Outcome.completed("1").but(shared={'"n"': "1"}))
    good.performed(0, 1, "fast")
    good.performed(10, 20, "load")
    good.end(20)
    bad = written(run="bad", tasks=[*tasks, task("new")], labels={"day": "2"}, began=BEGAN + timedelta(hours=1))
    bad.performed(0, 30, "extract", Outcome.completed("2").but(shared={'"n"': "2"}))
    bad.performed(0, 1.5, "fast")
    bad.performed(30, 40, "load", failed())
    bad.end(41, "failed")
    history.refresh()

    found = compared(history, "good", "bad")

    assert [(it.kind, it.name, it.before, it.after) for it in found.differences] == [
        ("definition", "tasks.new.task", None, "Load"),
        ("label", "day", "1", "2"),
        ("state", "load", "COMPLETED", "FAILED"),
        ("state", "new", None, "PENDING"),
        ("seconds", "extract", 10.0, 30.0),
        ("result", "extract", "1", "2"),
        ("shared", "n", "1", "2"),
    ]
    assert compared(history, "good", "good").differences == ()


def test_the_time_of_a_task_that_a_restart_kept_counts(written: Written, history: History) -> None:
    """It took it in an earlier start of the same run; a task that nobody began has taken none."""
    tasks = [task("slow"), task("bad"), task("marked")]
    good = written(run="good", tasks=tasks)
    good.performed(0, 1, "slow")
    good.performed(0, 5, "marked")
    good.end(6)
    first = written(run="bad", tasks=tasks, began=BEGAN + timedelta(hours=1))
    first.performed(0, 3, "slow")
    first.performed(3, 4, "bad", failed())
    first.end(4, "failed")
    again = written(run="bad", tasks=tasks, began=BEGAN + timedelta(hours=2), plan={"bad": "failed"})
    again.move(0, "slow", S.INIT, S.COMPLETED, 0)
    again.performed(0, 1, "bad", failed())
    again.move(1, "marked", S.INIT, S.COMPLETED, 0)
    again.end(2, "failed")
    history.refresh()
    kept = next(it for it in history.tasks("bad") if it.name == "slow")

    found = compared(history, "good", "bad").of("seconds")

    assert kept.is_kept
    assert [(it.name, it.before, it.after) for it in found] == [("slow", 1.0, 3.0)]


def test_the_variables_that_were_given_stand_above_those_of_the_definition(written: Written, history: History) -> None:
    """Those of the last start, which has taken up or replaced what the ones before it had."""
    section = {"vars": {"least": 1000, "day": "1"}}
    written(run="good", merged=section, arguments=["--var=least=100"]).end(1)
    written(run="bad", merged=section, arguments=["--var=least=7"], began=BEGAN + timedelta(hours=1)).end(1, "failed")
    again = {"began": BEGAN + timedelta(hours=2), "plan": {"load": "failed"}}
    written(run="bad", merged=section, arguments=["--var=host=b"], **again).end(1, "failed")
    history.refresh()

    found = compared(history, "good", "bad").of("definition")

    assert [(it.name, it.before, it.after) for it in found] == [
        ("vars.least", "100", 1000),
        ("vars.host", None, "b"),
    ]
