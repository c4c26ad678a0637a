"""How a task is shown that stands somewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowrun.cli.items_text import items_text
from flowrun.cli.task_look import LOOKS, look_of
from flowrun.eventbus.execution import ExecutionState
from flowrun.history.approvals import ApprovalRow
from flowrun.history.rows import TaskRow

TASK = TaskRow(
    name="load", kind="task", variant="Load", parent="", executor="process", state="PENDING", why="", attempts=0,
    max_attempts=2, started=None, ended=None, seconds=0.0, waiting_seconds=0.0, is_kept=False, is_cached=False,
    is_allowed=False, items=None, items_kept=0, cpu_seconds=0.0, peak_bytes=0,
)  # fmt: skip


def test_every_state_has_a_look() -> None:
    """But the first of all, which no run shows; no two of them have one word."""
    assert set(LOOKS) == {state.name for state in ExecutionState} - {"INIT"}
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)


def test_what_waits_shows_for_what() -> None:
    """For another try only as long as the run goes on; for a person also afterwards."""
    tried = replace(TASK, attempts=1)
    asked = replace(TASK, approval=ApprovalRow("Go?", 1.0, None, "reject"))

    assert look_of(TASK, is_over=False) == LOOKS["PENDING"]
    assert (look_of(tried, is_over=False).word, look_of(tried, is_over=True).word) == ("retrying", "not started")
    assert look_of(asked, is_over=True).sign == "⏸"


@pytest.mark.parametrize(
    ("items", "waiting", "text"),
    [(None, 0, ""), (40, 28, "12 of 40 items, 28 not begun"), (1200, 0, "1,200 items"), (0, 0, "0 items")],
)
def test_items_that_have_not_begun_are_counted(items: int | None, waiting: int, text: str) -> None:
    """In words, beside those that have."""
    assert items_text(replace(TASK, kind="items", items=items, items_waiting=waiting)) == text
