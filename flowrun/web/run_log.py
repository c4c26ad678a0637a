"""RunLog: what the tasks of a run have said, of one task or of all by time, as one log that only grows."""

from __future__ import annotations

import heapq
import os
from collections.abc import Sequence
from threading import Lock

from ..history.log_rows import LogFile
from .log_line import TIME
from .log_pieces import LogPieces

_MOST_BUFFERED = 32 * 1024 * 1024
_CHUNK = 256 * 1024
_PAGE = 4096


class RunLog:
    """The log of one task, or of all tasks of a run. What is in it stays in its place when more comes."""

    def __init__(self) -> None:
        self.pieces = LogPieces()
        self._taken: dict[tuple[str, int], int] = {}
        """How far each piece of a file was taken, by its path and where it begins."""
        self._sources: dict[tuple[str, int], int] = {}
        self._lock = Lock()

    def grow(self, files: Sequence[LogFile]) -> None:
        """Take in what was written since the last time."""
        with self._lock:
            news = [new for file in files if (new := self._news(file)) is not None]
            if len(news) == 1:
                news[0].take_all(self.pieces)
            elif news:
                _merge(news, self.pieces)

    def _news(self, file: LogFile) -> _Cursor | None:
        key = (file.path, file.begin)
        begin = self._taken.get(key, file.begin)
        end = _whole_lines(file, begin)
        if end <= begin:
            return None
        self._taken[key] = end
        if key not in self._sources:
            self._sources[key] = self.pieces.source(file.path, file.task, file.attempt)
        return _Cursor(file.path, self._sources[key], begin, end)


class _Cursor:
    """Goes through what is new in a file, line by line, with the time of each."""

    def __init__(self, path: str, source: int, begin: int, end: int) -> None:
        self.source = source
        self.at = begin
        self.key = b""
        """The time of the line at `at`; lines without one have that of the line before."""
        self._path = path
        self._end = end
        self._lines: list[bytes] = []
        self._next = 0
        self._read_to = begin
        self._rest = b""

    def begin(self, chunk: int) -> None:
        """Look at the first line; the file is read in pieces of so many bytes."""
        self._chunk = chunk
        self._look()

    @property
    def is_over(self) -> bool:
        """Every line was taken."""
        return self.at >= self._end

    def step(self) -> None:
        """Take a line."""
        self.at += len(self._lines[self._next]) + 1
        self._next += 1
        self._look()

    def take_all(self, pieces: LogPieces) -> None:
        """Take what is left, without a look at it."""
        pieces.add(self.source, self.at, self._end)
        self.at = self._end

    def _look(self) -> None:
        if self._next >= len(self._lines) and not self.is_over:
            self._read()
        if self._next < len(self._lines):
            line = self._lines[self._next]
            if line[:1] == b"[" and line[1:5].isdigit():
                self.key = line[TIME]

    def _read(self) -> None:
        data, more = self._rest, b""
        while b"\n" not in data and self._read_to < self._end:
            more = _read(self._path, self._read_to, min(self._chunk, self._end - self._read_to))
            if not more:  # it was deleted or cut meanwhile
                self.at = self._end
                return
            data, self._read_to = data + more, self._read_to + len(more)
        *self._lines, self._rest = data.split(b"\n")
        self._next = 0
        if not self._lines:
            self._lines, self._rest = [self._rest], b""


def _merge(cursors: list[_Cursor], pieces: LogPieces) -> None:
    """Put what is new into one order: by time, and of the same time by task."""
    chunk = max(_PAGE, min(_CHUNK, _MOST_BUFFERED // len(cursors)))
    for cursor in cursors:
        cursor.begin(chunk)
    heads = [(cursor.key, number) for number, cursor in enumerate(cursors) if not cursor.is_over]
    heapq.heapify(heads)
    while heads:
        _, number = heapq.heappop(heads)
        cursor, begin = cursors[number], cursors[number].at
        if not heads:
            cursor.take_all(pieces)
            return
        while not cursor.is_over and (cursor.key, number) <= heads[0]:
            cursor.step()
        pieces.add(cursor.source, begin, min(cursor.at, cursor._end))
        if not cursor.is_over:
            heapq.heappush(heads, (cursor.key, number))


def _whole_lines(file: LogFile, begin: int) -> int:
    """Where the last whole line ends that is there by now."""
    try:
        size = os.stat(file.path).st_size
    except OSError:
        return 0
    if file.end is not None:
        return min(file.end, size)
    end = size
    while end > begin:
        low = max(begin, end - _PAGE)
        found = _read(file.path, low, end - low).rfind(b"\n")
        if found >= 0:
            return low + found + 1
        end = low
    return begin


def _read(path: str, at: int, size: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, size, at)
    finally:
        os.close(descriptor)
