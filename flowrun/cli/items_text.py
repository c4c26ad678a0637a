"""How many items a task has, and how many of them have not begun, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..history.rows import TaskRow


def items_text(task: TaskRow) -> str:
    """`12 of 40 items, 28 not begun`, or `40 items` if all have; empty for a task without."""
    if task.items is None:
        return ""
    if not task.items_waiting:
        return f"{task.items:,} items"
    return f"{task.items - task.items_waiting:,} of {task.items:,} items, {task.items_waiting:,} not begun"
