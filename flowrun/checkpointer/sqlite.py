"""SQLiteCheckpointer: runs as rows of a database file, with a history of those that ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr

from ..errors import CheckpointInvalidError, NoCheckpointAvailableError, StateError
from ..eventbus.event import now
from .checkpointer import CheckpointContents, Checkpointer, Commit, checkpointer
from .damaged_run import DamagedRun
from .journal import fold, line, opening, step
from .kept_text import Inline
from .sqlite_file import DamagedDatabaseError, SQLiteFile

_KEPT = 5
_TEXTS = Inline()

_CLOSE_OTHERS = """
    UPDATE runs SET end_ts = ?, outcome = coalesce(outcome, 'abandoned') WHERE name = ? AND end_ts IS NULL
"""
_IS_KEPT = "EXISTS (SELECT 1 FROM records WHERE run = number)"
_EVERY_RUN = f"SELECT number, run_id, name FROM runs WHERE {_IS_KEPT} ORDER BY number DESC"
_OLD = f"SELECT number FROM runs WHERE name = ? AND number != ? AND {_IS_KEPT} ORDER BY number DESC LIMIT -1 OFFSET ?"


@checkpointer
class SQLiteCheckpointer(Checkpointer):
    """Keeps runs in the tables `runs` and `records` of a SQLite database.

    A run that completed keeps its row, with the time and the outcome, and loses its records.
    `shared_dict` of the contents has encoded keys and values.
    """

    records_commits: ClassVar[bool] = True

    checkpoint_database: str = Field(default="./.flowrun/checkpoint.db", description="The database file.")

    _root: Path = PrivateAttr(default=Path())
    _file: SQLiteFile | None = PrivateAttr(default=None)
    _run: int = PrivateAttr(default=0)
    _seq: int = PrivateAttr(default=0)
    _notices: list[str] = PrivateAttr(default=[])
    _damaged: list[DamagedRun] = PrivateAttr(default=[])

    def settle(self, root: Path) -> None:
        """Have a relative `checkpoint_database` mean a file in the project."""
        self._root = root

    @property
    def notices(self) -> list[str]:
        """What a person should know about what was read or set aside."""
        return self._notices

    @property
    def damaged(self) -> list[DamagedRun]:
        """What was found while listing and could not be read."""
        return self._damaged

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        """Begin a run, or begin it anew. The other unfinished runs of the job are closed.

        A damaged file is set aside, so that a new run can always begin.
        """
        try:
            self._begin(name, content)
        except DamagedDatabaseError as error:
            aside = self._database.set_aside()
            self._notices.append(f"{error}; it was renamed to {aside.name}, and a new one was begun")
            self._begin(name, content)

    async def record(self, name: str, commits: Sequence[Commit]) -> None:
        """Add a record for each commit, in one transaction."""
        if not self._run:
            raise StateError(f"no checkpoint of job {name!r} was written yet; nothing can be added to it")
        with self._database.transaction() as db:
            for count, commit in enumerate(commits, 1):
                self._insert(db, self._seq + count, step(commit, _TEXTS))
        self._seq += len(commits)

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        """The newest run, unless it has ended."""
        with self._reading(name) as db:
            newest = "SELECT number, run_id, end_ts FROM runs WHERE name = ? ORDER BY number DESC LIMIT 1"
            row = db.execute(newest, (name,)).fetchone()
            if row is None or row[2] is not None:
                raise _nothing_kept(name)
            return self._contents(db, row[0], row[1])

    async def read_run(self, name: str, run_id: str) -> CheckpointContents:
        """One of the unfinished runs that are kept."""
        with self._reading(name) as db:
            return self._contents(db, *_named(db, name, run_id))

    async def list_checkpoints(self) -> list[CheckpointContents]:
        """All of them; those that are damaged become notices."""
        if not self._database.path.exists():
            return []
        found = []
        with self._database.reading() as db:
            for number, run_id, name in db.execute(_EVERY_RUN):
                try:
                    found.append(self._contents(db, number, run_id))
                except CheckpointInvalidError as error:
                    self._notices.append(str(error))
                    self._damaged.append(DamagedRun(run_id, name, str(number), str(error)))
        return found

    async def clear_checkpoint(self, name: str) -> None:
        """End the run that goes on as completed, or else clear the one that would be continued; older ones stay."""
        if self._run:
            self._end(self._run, "completed")
            self._run = 0
        elif self._database.path.exists():
            with suppress(NoCheckpointAvailableError):
                await self.clear_run(name, (await self.read_checkpoint(name)).run_id)

    async def clear_run(self, name: str, run_id: str) -> None:
        """Remove what is kept of an unfinished run; its row stays. Raises what `read_run` raises."""
        with self._reading(name) as db:
            number, _run_id = _named(db, name, run_id)
        self._end(number, "cleared")

    async def clear_damaged(self, run: DamagedRun) -> None:
        """Remove what is kept of a run that cannot be read; its row stays."""
        self._end(int(run.place), "cleared")

    async def on_failure(self) -> None:
        """Note the outcome for the history."""
        self._note("failed")

    async def on_abort(self) -> None:
        """Note the outcome for the history."""
        self._note("aborted")

    async def on_destroy(self) -> None:
        """Close the connection."""
        self._database.close()

    @property
    def _database(self) -> SQLiteFile:
        if self._file is None:
            self._file = SQLiteFile(self._root / self.checkpoint_database)
        return self._file

    @contextmanager
    def _reading(self, name: str) -> Iterator[sqlite3.Connection]:
        path = self._database.path
        if not path.exists():
            raise _nothing_kept(name)
        if path.stat().st_size == 0:
            raise CheckpointInvalidError(f"{path} is damaged: it is empty")
        with self._database.reading() as db:
            yield db

    def _begin(self, name: str, content: CheckpointContents) -> None:
        with self._database.transaction() as db:
            db.execute(_CLOSE_OTHERS, (_timestamp(), name))
            db.execute("DELETE FROM runs WHERE name = ? AND run_id = ?", (name, content.run_id))
            row = (name, content.run_id, content.started or _timestamp())
            self._run = db.execute("INSERT INTO runs (name, run_id, start_ts) VALUES (?, ?, ?)", row).lastrowid or 0
            self._insert(db, 1, opening(content, _TEXTS))
            db.execute(f"DELETE FROM records WHERE run IN ({_OLD})", (name, self._run, _KEPT))
        self._seq = 1

    def _insert(self, db: sqlite3.Connection, seq: int, body: dict[str, Any]) -> None:
        text = line(seq, seq - 1, body).decode().rstrip("\n")
        db.execute("INSERT INTO records VALUES (?, ?, ?)", (self._run, seq, text))

    def _contents(self, db: sqlite3.Connection, number: int, run_id: str) -> CheckpointContents:
        rows = db.execute("SELECT CAST(record AS BLOB) FROM records WHERE run = ? ORDER BY seq", (number,))
        contents, cut_off = fold([row[0] for row in rows], f"{self._database.path}, run {run_id},", _TEXTS)
        if cut_off:  # a transaction is whole
            raise CheckpointInvalidError(f"{self._database.path}, run {run_id}, is damaged in its last records")
        return contents

    def _end(self, number: int, outcome: str) -> None:
        with self._database.transaction() as db:
            db.execute("UPDATE runs SET end_ts = ?, outcome = ? WHERE number = ?", (_timestamp(), outcome, number))
            db.execute("DELETE FROM records WHERE run = ?", (number,))

    def _note(self, outcome: str) -> None:
        if self._run:
            with self._database.transaction() as db:
                db.execute("UPDATE runs SET outcome = ? WHERE number = ?", (outcome, self._run))


def _named(db: sqlite3.Connection, name: str, run_id: str) -> tuple[int, str]:
    """Number and id of a run that is kept, by its id or the begin of it."""
    rows = db.execute(f"SELECT number, run_id FROM runs WHERE name = ? AND {_IS_KEPT}", (name,)).fetchall()
    exact = [row for row in rows if row[1] == run_id]
    found = exact or [row for row in rows if row[1].startswith(run_id)]
    if not found:
        raise NoCheckpointAvailableError(f"no unfinished run {run_id!r} of job {name!r} is kept")
    if len(found) > 1:
        names = ", ".join(sorted(row[1] for row in found))
        raise StateError(f"several runs of job {name!r} begin with {run_id!r}: {names}")
    return found[0][0], found[0][1]


def _nothing_kept(name: str) -> NoCheckpointAvailableError:
    return NoCheckpointAvailableError(f"no unfinished run of job {name!r} is kept")


def _timestamp() -> str:
    return now().isoformat()
