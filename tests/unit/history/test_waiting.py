"""How long tasks waited for a slot, and which limit holds up those that wait now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.reader import History

from .conftest import BEGAN, Written, failed, task

ID = "7f3a0001"
POOL = {"pools": {"db": 1}, "tasks": {name: {"pool": "db"} for name in ("a", "b", "c")}}


def test_a_task_that_waits_for_a_pool_of_its_job_says_so(written: Written, at: Callable[[float], History]) -> None:
    """Only what could start otherwise, and only as long as the pool is full."""
    run = written(tasks=[task("a"), task("b"), task("c", "d"), task("d")], merged=POOL)
    run.move(0, "a", S.PENDING, S.RUNNING)
    run.move(0, "d", S.PENDING, S.RUNNING)
    history = at(1)
    history.refresh()

    assert {row.name: row.why for row in history.tasks(ID)} == {
        "a": "",
        "b": "waits for a slot of pool db",
        "c": "",
        "d": "",
    }
    assert history.limits(ID, "b") == ["pool db"]
    assert history.limits(ID, "d") == []

    run.move(2, "a", S.RUNNING, S.COMPLETED)
    history.refresh()
    assert history.task(ID, "b").why == ""


def test_items_hold_the_slots_of_their_task(written: Written, at: Callable[[float], History]) -> None:
    """Each of them holds one."""
    run = written(tasks=[task("a", kind="items"), task("b")], merged=POOL)
    run.move(0, "a", S.PENDING, S.RUNNING, 0)
    run.move(0, "a[x]", S.PENDING, S.RUNNING)
    history = at(1)
    history.refresh()

    assert history.task(ID, "b").why == "waits for a slot of pool db"


def test_time_between_two_starts_is_no_waiting(written: Written, history: History) -> None:
    """The run was not there; what waited in its first start keeps that."""
    tasks = [task("load"), task("flaky", "load"), task("late")]
    first = written(tasks=tasks)
    first.performed(0, 1, "load")
    first.performed(4, 5, "late")
    first.performed(2, 3, "flaky", failed())
    first.end(6, "failed")
    second = written(tasks=tasks, began=BEGAN + timedelta(minutes=5), plan={"flaky": "failed"})
    second.performed(0.5, 2, "flaky", attempt=2)
    second.end(3)
    history.refresh()

    waited = {row.name: row.waiting_seconds for row in history.tasks(ID)}

    assert waited == {"load": 0, "flaky": 0.5, "late": 4}
