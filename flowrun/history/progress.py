"""How far attempts are, as they say themselves: what they said last, and in which order that changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from sqlite3 import Connection
from typing import Any

from ..eventbus.progress import Progress

TABLE = """CREATE TABLE progress (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    done NUMERIC NOT NULL,
    total NUMERIC,
    message TEXT NOT NULL,
    UNIQUE (run, task, attempt)
)"""
"""A row of an attempt is replaced by a newer one, which has a higher `change` than all others."""


@dataclass(frozen=True, slots=True)
class Advance:
    """An attempt has said how far it is. `change` grows with each of all runs."""

    change: int
    run: str
    task: str
    attempt: int
    progress: Progress


def keep(connection: Connection, run: int, told: Iterable[Sequence[Any]]) -> None:
    """Keep what attempts have said: task, attempt, done, total, message."""
    connection.executemany(
        "INSERT OR REPLACE INTO progress (run, task, attempt, done, total, message) VALUES (?, ?, ?, ?, ?, ?)",
        [(run, *one) for one in told],
    )


def progress_of(
    connection: Connection, run: int, names: Collection[str] | None = None
) -> dict[tuple[str, int], Progress]:
    """What was said last in a run, or of some of its tasks, by task and attempt."""
    query = "SELECT task, attempt, done, total, message FROM progress WHERE run = ?"
    if names is None:
        found: Iterable[Sequence[Any]] = connection.execute(query, (run,))
    else:
        found = chain.from_iterable(connection.execute(f"{query} AND task = ?", (run, name)) for name in names)
    return {(task, attempt): Progress(*said) for task, attempt, *said in found}


_ADVANCES = (
    "SELECT change, runs.id, progress.task, progress.attempt, done, total, progress.message FROM progress "
    "JOIN runs ON runs.number = progress.run"
)


def advances(connection: Connection, after: int, limit: int) -> list[Advance]:
    """What was said last of all attempts that have said something after the change `after`."""
    return _read(connection.execute(f"{_ADVANCES} WHERE change > ? ORDER BY change LIMIT ?", (after, limit)))


def advances_under_way(connection: Connection, run: int) -> list[Advance]:
    """What was said last by the attempts of a run that go on."""
    query = (
        f"{_ADVANCES} JOIN attempts ON attempts.run = progress.run AND attempts.task = progress.task "
        "AND attempts.number = progress.attempt WHERE progress.run = ? AND attempts.state = 'RUNNING' ORDER BY change"
    )
    return _read(connection.execute(query, (run,)))


def _read(found: Iterable[Sequence[Any]]) -> list[Advance]:
    return [Advance(change, run, task, attempt, Progress(*said)) for change, run, task, attempt, *said in found]


def last_change(connection: Connection) -> int:
    """The highest `change`."""
    return int(connection.execute("SELECT coalesce(max(change), 0) FROM progress").fetchone()[0])
