"""Extent: how much a history holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from ..file_size import file_size
from .task_rows import moved


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a history holds."""

    runs: int
    oldest: float | None
    """When the first of them began; None: there is none."""


def extent_of(connection: Connection) -> Extent:
    """That of a database."""
    runs, oldest = connection.execute("SELECT count(*), min(started) FROM runs").fetchone()
    return Extent(runs, oldest)


def log_bytes_of(connection: Connection, root: Path) -> int:
    """The size of all log files that runs have left in the project that is at `root` now."""
    found = connection.execute("SELECT DISTINCT path, root FROM log_positions JOIN runs ON runs.number = run")
    return sum(file_size(path) for path in {moved(path, old, root) for path, old in found})
