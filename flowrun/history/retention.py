"""Retention: which runs of the history are to go, and what goes with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..file_name import safe_file_name
from ..file_size import file_size
from ..values.file_store import FileStore
from .database import Database, HistoryFullError
from .places import SUFFIX, Places
from .reader import History
from .rows import RunRow

_UNUSED_SECONDS = 30 * 86400.0
"""A definition that no run has named for so long is deleted."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A run that is to go, with the files that go with it."""

    run: RunRow
    files: tuple[Path, ...]
    size: int
    """Bytes of the files."""


class Retention:
    """Deletes runs that are over: their rows, what they wrote for the history, their logs and large results.

    How long tasks take is forgotten with the last run of their job.
    Large results of a run that did not complete stay: a restart needs them, and they go with its checkpoint.
    """

    def __init__(self, root: Path, history: History, now: float) -> None:
        self._root = root
        self._places = Places(root)
        self._history = history
        self._now = now

    def size(self) -> int:
        """Bytes of the database and of all files that runs of the history have left."""
        state = [self._places.database, *_files_below(self._places.state / "history")]
        logs = {Path(file.path) for run in self._runs() for file in self._history.log_files(run.id)}
        return sum(map(file_size, (*state, *logs)))

    def chosen(self, before: float | None, max_bytes: int | None) -> list[Doomed]:
        """The runs that began before a time, and the oldest ones until the rest fits; the oldest first."""
        runs = [run for run in self._runs() if run.is_over][::-1]
        doomed = [self._doomed(run) for run in runs if before is not None and run.started < before]
        if max_bytes is None:
            return doomed
        excess = self.size() - max_bytes - sum(it.size for it in doomed)
        per_run = file_size(self._places.database) // max(len(runs), 1)
        for run in runs[len(doomed) :]:
            if excess <= 0:
                break
            doomed.append(self._doomed(run))
            excess -= doomed[-1].size + per_run
        return doomed

    def delete(self, doomed: Sequence[Doomed]) -> None:
        """Delete these runs. Raises StateError if the database cannot be used."""
        database = Database(self._places.database)
        try:
            known = _forget(database, doomed)
        except HistoryFullError:  # what is to go makes the room
            self._delete_files(doomed)
            known = _forget(database, doomed)
        self._delete_files(doomed)
        _delete(self._places.samples(job) for job in {it.run.job for it in doomed} - known)
        self._forget_definitions()
        if doomed:
            with suppress(HistoryFullError):
                database.shrink()
        database.close()

    def _delete_files(self, doomed: Sequence[Doomed]) -> None:
        for it in doomed:
            _delete(it.files)
            if it.run.state == "completed":
                FileStore(self._root, it.run.job, it.run.id).remove()

    def _runs(self) -> Iterator[RunRow]:
        """All, the newest first."""
        cursor: str | None = None
        while True:
            page = self._history.runs(limit=1000, cursor=cursor)
            yield from page.runs
            cursor = page.next
            if cursor is None:
                return

    def _doomed(self, run: RunRow) -> Doomed:
        logs = {Path(file.path) for file in self._history.log_files(run.id)}
        spools = self._places.kept.glob(f"*/{safe_file_name(run.id)}.*{SUFFIX}")
        files = (*sorted(logs), *sorted(spools))
        return Doomed(run, files, sum(map(file_size, files)))

    def _forget_definitions(self) -> None:
        for file in self._places.definitions.glob("*.json"):
            with suppress(OSError):
                if file.stat().st_mtime < self._now - _UNUSED_SECONDS:
                    file.unlink()


def _files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def _forget(database: Database, doomed: Sequence[Doomed]) -> set[str]:
    """Delete their rows; gives the jobs that are known then."""
    with database.writing() as connection:
        connection.executemany("DELETE FROM runs WHERE id = ?", [(it.run.id,) for it in doomed])
        connection.execute("DELETE FROM definitions WHERE digest NOT IN (SELECT definition FROM runs)")
        return {job for (job,) in connection.execute("SELECT DISTINCT job FROM runs")}


def _delete(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()
        with suppress(OSError):  # there are others in it
            os.rmdir(file.parent)
