"""Intake: takes what runs have written into the database, each line once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from ..durable import make_directory
from ..held import is_held_alone
from .beginning import begin, define
from .database import Database
from .places import SUFFIX, Places
from .settling import settle_ended, settle_gone
from .taken_moves import TakenMoves

KEPT_DAYS = 7
"""So long a spool that was taken is kept, so that a lost database can be made anew."""
_HAS_KEPT = "has what was kept"
_MOST_AT_ONCE = 200
"""Spools in one transaction."""
_PIECE_BYTES = 8 << 20


class Intake:
    """Takes spools into the database. Any number of processes may do so at once: each line is taken once."""

    def __init__(self, places: Places, database: Database) -> None:
        self._places = places
        self._database = database
        self._seen: dict[str, int] = {}
        """Sizes of spools of runs that go on, as far as they are taken."""
        self._over: set[str] = set()
        """Spools that are taken and cannot be put away."""
        self._days: Sequence[tuple[str, int]] = ()
        self.unreadable: list[Path] = []
        """What other users have left, and this one may not read."""

    def take(self, until: float | None = None) -> None:
        """Take everything that is new; `until` is a moment of the monotonic clock at which to leave off.

        Raises StateError if the database cannot be used.
        """
        self.unreadable = []
        if not self._has_kept():
            self._seen.clear()
            if self._take_all(self._kept(), until):
                with self._database.writing() as connection:
                    connection.execute("INSERT OR IGNORE INTO facts VALUES (?)", (_HAS_KEPT,))
        elif self._database.is_copy:
            self._take_all(self._kept_anew(), until)
        waiting = [self._places.spool / name for name in self._places.waiting() if name not in self._over]
        self._take_all([path for path in waiting if self._has_news(path)], until)

    def _has_kept(self) -> bool:
        """The database has what was kept when it was made."""
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM facts WHERE name = ?", (_HAS_KEPT,)).fetchone() is not None

    def _kept(self) -> list[Path]:
        return sorted(self._places.kept.glob(f"*/*{SUFFIX}"), key=lambda path: path.stem.rpartition(".")[2])

    def _kept_anew(self) -> list[Path]:
        """Those that were kept, if others have taken some since the last look."""
        with suppress(OSError):
            days = sorted((day.name, day.stat().st_mtime_ns) for day in os.scandir(self._places.kept))
            if days != self._days:
                self._days = days
                return self._kept()
        return []

    def _has_news(self, path: Path) -> bool:
        """Something was written since, or a run of which nothing new comes may be gone."""
        try:
            size = path.stat().st_size
        except OSError:  # another process has taken it
            return False
        return self._seen.get(path.name) != size or not is_held_alone(path)

    def _take_all(self, paths: Sequence[Path], until: float | None) -> bool:
        """Take these. False: the time is over, and not all are taken."""
        for first in range(0, len(paths), _MOST_AT_ONCE):
            if until is not None and time.monotonic() > until:
                return False
            with self._database.writing() as connection:
                over = [path for path in paths[first : first + _MOST_AT_ONCE] if self._take(connection, path)]
            self._put_away([path for path in over if path.parent == self._places.spool])
        return True

    def _take(self, connection: Connection, path: Path) -> bool:
        """Take what is new in a spool. True: nothing more comes."""
        found = connection.execute("SELECT is_over, run, start, taken, heard FROM spools WHERE name = ?", (path.name,))
        row = found.fetchone()
        if row is not None and row[0]:
            return True
        is_alive = is_held_alone(path)
        taken = _Taken(connection, self._places, *row[1:]) if row is not None else _Taken(connection, self._places)
        try:
            with path.open("rb") as stream:
                stream.seek(taken.bytes)
                for piece in _pieces(stream.fileno()):
                    taken.take(piece)
        except PermissionError:
            self.unreadable.append(path)
            return False
        except OSError:  # another process has put it away
            return False
        if taken.run is None:
            return not is_alive  # its first line was never finished
        if not (taken.is_over or is_alive):
            settle_gone(connection, taken.run, taken.start, taken.last_at)
            taken.is_over = True
        values = (path.name, taken.run, taken.start, taken.bytes, taken.is_over, taken.last_at)
        connection.execute("INSERT OR REPLACE INTO spools VALUES (?, ?, ?, ?, ?, ?)", values)
        self._seen[path.name] = taken.bytes
        return taken.is_over

    def _put_away(self, paths: Sequence[Path]) -> None:
        """Keep what was taken for some days, out of the way."""
        if self._database.is_copy:
            self._over.update(path.name for path in paths)
            return
        day = self._places.kept / f"{datetime.now(UTC):%Y%m%d}"
        for path in paths:
            with suppress(OSError):  # another process has, or the disk is full: then it is tried again
                make_directory(day)
                os.rename(path, day / path.name)
        if paths:
            self._forget_old()

    def _forget_old(self) -> None:
        oldest = f"{datetime.now(UTC) - timedelta(days=KEPT_DAYS):%Y%m%d}"
        with suppress(OSError):
            for day in os.scandir(self._places.kept):
                if day.name < oldest:
                    remove_day(Path(day.path))


def remove_day(day: Path) -> None:
    """Delete the spools of one day."""
    with suppress(OSError):
        for file in os.scandir(day):
            os.unlink(file.path)
        day.rmdir()


class _Taken:
    """How far one spool is taken, and what its lines do to the database."""

    def __init__(
        self,
        connection: Connection,
        places: Places,
        run: int | None = None,
        start: int = 0,
        taken: int = 0,
        heard: float | None = None,
    ) -> None:
        self._connection = connection
        self._places = places
        self.run = run
        self.start = start
        self.bytes = taken
        self.is_over = False
        self.last_at = heard
        self._moves: TakenMoves | None = None

    def take(self, piece: bytes) -> None:
        """Take whole lines. What is no line of ours, somebody else has written into the file: it is passed over."""
        self.bytes += len(piece)
        for line in piece.splitlines():
            with suppress(ValueError, TypeError, LookupError):
                kind, *rest = _parsed(line)
                if kind == "start" or self.run is not None:
                    self._hear(kind, rest)
        if self._moves is not None:
            self._moves.write()

    def _hear(self, kind: str, rest: list[Any]) -> None:
        if kind == "start":
            self.run, self.start = begin(self._connection, rest[0])
            self._moves = TakenMoves(self._connection, self.run)
            self.last_at = rest[0]["at"]
            return
        assert self.run is not None, "it is looked at before"
        if self._moves is None:
            self._moves = TakenMoves(self._connection, self.run)
        if kind == "definition":
            define(self._connection, self._places, self.run, rest[0])
        elif kind == "end":
            self._moves.write()
            settle_ended(self._connection, self.run, self.start, rest[0])
            self.is_over = True
        else:
            self._moves.hear(kind, rest)
            self.last_at = self._moves.last_at or self.last_at


def _parsed(line: bytes) -> Any:
    found = json.loads(line)
    return _whole(found) if b"\\ud" in line else found


def _whole(value: Any) -> Any:
    """The same with `\\udcff` in letters: no database takes half of a surrogate pair, as in strange names of files."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {_whole(key): _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def _pieces(descriptor: int) -> Iterator[bytes]:
    """What is left in a file, in pieces of whole lines; the rest of a line that is not finished is left."""
    rest = b""
    while data := os.read(descriptor, _PIECE_BYTES):
        lines, newline, tail = (rest + data).rpartition(b"\n")
        rest = tail
        if newline:
            yield lines + newline
