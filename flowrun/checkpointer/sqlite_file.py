"""SQLiteFile: the database file of checkpoints, its tables and its errors."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..durable import make_state_directory, naming
from ..errors import CheckpointInvalidError, StateError
from ..transaction import read_together, written_whole

_APPLICATION = 0x666C7772  # "flwr": the mark by which a database of flowrun is known
VERSION = 1
_WAL_IS_SOUND = (3, 51, 3)
_BUSY_SECONDS = 5.0

_COMPANIONS = ("", "-journal", "-wal", "-shm")

_SCHEMA = (
    """CREATE TABLE runs (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        run_id TEXT NOT NULL,
        start_ts TEXT NOT NULL,
        end_ts TEXT,
        outcome TEXT,
        UNIQUE (name, run_id)
    )""",
    """CREATE TABLE records (
        run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (run, seq)
    )""",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


class DamagedDatabaseError(CheckpointInvalidError):
    """The file is no sound SQLite database."""


class SQLiteFile:
    """Connections are opened when they are needed, in the process and the thread that need them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections: dict[tuple[int, int], sqlite3.Connection] = {}

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside is kept, and survives a loss of power, or nothing is.

        Raises StateError if the file cannot be used, and CheckpointInvalidError if it is damaged or foreign.
        """
        with self._naming(), written_whole(self._connection()) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What is read inside belongs together. Raises as `transaction` does."""
        with self._naming(), read_together(self._connection()) as connection:
            yield connection

    def close(self) -> None:
        """Close the connection of this thread."""
        connection = self._connections.pop(_here(), None)
        if connection is not None:
            connection.close()

    def set_aside(self) -> Path:
        """Rename the file, so that a new one can be made in its place."""
        self.close()
        with naming(self.path):
            for end in _COMPANIONS:
                old = Path(f"{self.path}{end}")
                if old.exists():
                    os.replace(old, f"{self.path}.damaged{end}")
        return Path(f"{self.path}.damaged")

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            is_table_missing = str(error).startswith("no such")
            if type(error) is sqlite3.DatabaseError or is_table_missing:
                raise DamagedDatabaseError(f"{self.path} is damaged: {error}") from error
            raise StateError(f"cannot use {self.path}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        """One of another process or thread is left alone: SQLite allows neither to use nor to close it here."""
        connection = self._connections.get(_here())
        if connection is None:
            connection = self._open()
            self._connections[_here()] = connection
        return connection

    def _open(self) -> sqlite3.Connection:
        with naming(self.path):
            if not self.path.parent.is_dir():
                make_state_directory(self.path.parent)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        is_wal_sound = sqlite3.sqlite_version_info >= _WAL_IS_SOUND
        connection.execute(f"PRAGMA journal_mode = {'WAL' if is_wal_sound else 'TRUNCATE'}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        if self._is_empty(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")

    def _is_empty(self, connection: sqlite3.Connection) -> bool:
        """There is nothing in it yet. Raises CheckpointInvalidError if what is in it is not ours."""
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            return True
        if application != _APPLICATION:
            raise CheckpointInvalidError(f"{self.path} is a database of something else, not of flowrun's checkpoints")
        if version > VERSION:
            raise CheckpointInvalidError(
                f"{self.path} has schema version {version}, and this flowrun reads up to version {VERSION}"
            )
        return False


def _here() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()
