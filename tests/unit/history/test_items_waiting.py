"""Items that have not begun have no rows: they are counted."""

from __future__ import annotations

from datetime import timedelta

from flowrun.eventbus.execution import ExecutionState as S
from flowrun.eventbus.execution import ItemsFound
from flowrun.history.reader import History

from .conftest import BEGAN, Written, failed, task


def found(items: int, kept: int, after: timedelta = timedelta(0)) -> ItemsFound:
    """The items of `each` are known."""
    return ItemsFound(name="each", items=items, kept=kept, job_name="nightly", timestamp=BEGAN + after)


def test_items_that_have_not_begun_are_counted(written: Written, history: History) -> None:
    """One that waits for another try has begun; of a task that is performed once nothing is said."""
    run = written(tasks=[task("each", kind="items"), task("once")])
    run.move(0, "each", S.PENDING, S.RUNNING, 0)
    run.note(found(40, 0))
    run.performed(0, 1, "each[0]")
    run.move(1, "each[1]", S.PENDING, S.RUNNING, 1)
    run.move(2, "each[1]", S.RUNNING, S.PENDING, 1, failed())
    run.move(2, "each[2]", S.PENDING, S.RUNNING)
    history.refresh()

    each, *items, once = history.tasks(run.run)
    assert (each.items_waiting, [item.name for item in items]) == (37, ["each[0]", "each[1]", "each[2]"])
    assert (once.items_waiting, items[0].items_waiting) == (0, 0)
    assert history.task(run.run, "each").items_waiting == 37


def test_a_restart_begins_again_what_did_not_complete(written: Written, history: History) -> None:
    """Items that it keeps have begun; the others have not, though they had before; at the end none waits."""
    tasks = [task("each", kind="items")]
    run = written(tasks=tasks)
    run.move(0, "each", S.PENDING, S.RUNNING, 0)
    run.note(found(3, 0))
    run.performed(0, 1, "each[0]")
    run.performed(1, 2, "each[1]", failed())
    run.move(2, "each", S.RUNNING, S.FAILED, 0)
    run.end(3, "failed")
    again = written(tasks=tasks, began=BEGAN + timedelta(seconds=60))
    again.move(0, "each", S.PENDING, S.RUNNING, 0)
    again.note(found(3, 1, timedelta(seconds=60)))
    history.refresh()
    assert history.task(run.run, "each").items_waiting == 2

    again.performed(0, 1, "each[1]", attempt=2)
    again.performed(1, 2, "each[2]")
    again.move(2, "each", S.RUNNING, S.COMPLETED, 0)
    again.end(3)
    history.refresh()
    assert history.task(run.run, "each").items_waiting == 0
