"""Database: the file `history.db`, its connections, and what a person is told if it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..durable import naming
from ..errors import CheckpointInvalidError, StateError
from ..transaction import read_together, written_whole
from .readable_copy import ReadableCopy, is_needed
from .schema import APPLICATION, VERSION, migrate

_WAL_IS_SOUND = (3, 51, 3)
_BUSY_SECONDS = 5.0
_REMEDY = "delete it, and what the runs of the last days left is read again"


class HistoryLockedError(StateError):
    """The database cannot be written now: another process has locked it, or nobody may."""


class HistoryFullError(StateError):
    """There is no room to write into the database, and SQLite does not read it without."""


class Database:
    """Opens the file when it is needed, once in each thread; the file is made, or brought to this version, then."""

    def __init__(self, path: Path, *, busy_seconds: float = _BUSY_SECONDS, may_copy: bool = False) -> None:
        """`may_copy`: a file that cannot be written is read through a copy of its own."""
        self.path = path
        self._busy_seconds = busy_seconds
        self._may_copy = may_copy
        self._copy: ReadableCopy | None = None
        self._copying = threading.Lock()
        self._own = threading.local()
        self._pid = os.getpid()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All that is done inside is kept, or nothing is. Raises StateError if the file cannot be used."""
        with self._naming(), written_whole(self._connection()) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What is read inside belongs together. Raises StateError if the file cannot be used."""
        with self._naming(), read_together(self._connection()) as connection:
            yield connection

    @property
    def is_copy(self) -> bool:
        """What is written does not stay: the file cannot be written."""
        return self._copy is not None

    def leave_for_copy(self) -> bool:
        """Use a copy from now on, if it may be one and is none yet. Raises StateError if there is no room for it."""
        with self._copying:
            if not self._may_copy or self._copy is not None:
                return False
            self._copy = ReadableCopy(self.path)
        return True

    def shrink(self) -> None:
        """Give back the room of what was deleted. Raises StateError if the file cannot be used."""
        with self._naming():
            self._connection().execute("VACUUM")

    def close(self) -> None:
        """Close the connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            connection.close()

    @contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            said = str(error)
            if "locked" in said:
                raise HistoryLockedError(
                    f"{self.path} is locked by another process for more than {self._busy_seconds:g} s; try again later"
                ) from error
            if "readonly" in said:
                raise HistoryLockedError(f"{self.path} cannot be written: {said}") from error
            if "is full" in said:
                raise HistoryFullError(f"cannot use {self.path}: {said}") from error
            if said.startswith("no such"):
                raise CheckpointInvalidError(f"{self.path} is damaged: {said}; {_REMEDY}") from error
            raise StateError(f"cannot use {self.path}: {said}") from error
        except sqlite3.DatabaseError as error:
            raise CheckpointInvalidError(f"{self.path} is damaged: {error}; {_REMEDY}") from error

    def _connection(self) -> sqlite3.Connection:
        assert os.getpid() == self._pid, "SQLite allows no connection to be used across a fork"
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None or not self._is_in_place():
            self.close()
            connection = self._own.connection = self._open()
        return connection

    def _is_in_place(self) -> bool:
        """The open file is still the one at the path: somebody may have deleted it meanwhile."""
        try:
            status = os.stat(self._file)
        except OSError:
            return self._own.identity is None and not self.path.parent.is_dir()
        return bool((status.st_dev, status.st_ino) == self._own.identity)

    def _open(self) -> sqlite3.Connection:
        """A project in which nothing ever ran gets no file: of it, an empty database in memory is read."""
        identity, address = None, ":memory:"
        if self.path.parent.is_dir():
            with self._copying:
                if self._may_copy and self._copy is None and is_needed(self.path):
                    self._copy = ReadableCopy(self.path)
            identity, address = self._made()
        connection = sqlite3.connect(address, timeout=self._busy_seconds, isolation_level=None, uri=True)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._own.identity = identity
        return connection

    def _made(self) -> tuple[tuple[int, int], str]:
        """Make the file if there is none. Gives what tells it from others, and its address."""
        with naming(self.path):
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            status = os.stat(self._file)
        return (status.st_dev, status.st_ino), f"{self._file.absolute().as_uri()}?mode=rw"

    @property
    def _file(self) -> Path:
        return self.path if self._copy is None else self._copy.path

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {'OFF' if self.is_copy else 'FULL'}")
        version = self._version(connection)
        if version == VERSION:
            return
        is_wal_sound = sqlite3.sqlite_version_info >= _WAL_IS_SOUND
        connection.execute(f"PRAGMA journal_mode = {'WAL' if is_wal_sound else 'TRUNCATE'}")
        connection.execute("BEGIN IMMEDIATE")
        migrate(connection, self._version(connection))  # another process may have been quicker
        connection.execute("COMMIT")

    def _version(self, connection: sqlite3.Connection) -> int:
        """0: there is nothing in it yet. Raises CheckpointInvalidError if what is in it is not ours, or newer."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application == APPLICATION and version <= VERSION:
            return version
        if application == APPLICATION:
            raise CheckpointInvalidError(
                f"{self.path} is of a newer flowrun: it has schema version {version}, and this flowrun reads up to "
                f"version {VERSION}; look at it with the newer one, or {_REMEDY}"
            )
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise CheckpointInvalidError(f"{self.path} is a database of something else, not a history of flowrun")
        return 0
