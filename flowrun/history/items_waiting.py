"""Items that have not begun: of what has not happened there is no row, so they are counted by those that have."""

from __future__ import annotations

from dataclasses import replace
from sqlite3 import Connection

from .rows import TaskRow

_BEGUN = """SELECT parent, count(*) FROM tasks
    WHERE run = ? AND kind = 'item' AND (state <> 'PENDING' OR started IS NOT NULL) GROUP BY parent"""


def with_items_waiting(connection: Connection, run: int, rows: list[TaskRow]) -> list[TaskRow]:
    """The rows of tasks with items, with how many of these have not begun."""
    if not any(row.items and row.state != "COMPLETED" for row in rows):
        return rows
    begun: dict[str, int] = dict(connection.execute(_BEGUN, (run,)).fetchall())
    return [
        replace(row, items_waiting=max(row.items - begun.get(row.name, 0), 0))
        if row.items and row.state != "COMPLETED"
        else row
        for row in rows
    ]
