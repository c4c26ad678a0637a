"""LogPieces: pieces of files that are read as one log, and the place of each in it."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_CHUNK = 256 * 1024


class Piece(NamedTuple):
    """A piece of a file, which begins and ends with a line, and where it begins in the log."""

    at: int
    source: int
    begin: int
    end: int


class Source(NamedTuple):
    """What a piece is of: the output of an attempt."""

    path: str
    task: str
    attempt: int


class Line(NamedTuple):
    """A line as it is in its file, without its end, and where it begins in the log."""

    at: int
    data: bytes
    source: int


class LogPieces:
    """Pieces of files in the order in which they are read. It only grows, so that a place in the log stays what it is.

    Arrays, for the log of tasks that speak in turn has as many pieces as lines.
    """

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.size = 0
        """Bytes of the whole log."""
        self._starts = array("Q")
        self._sources = array("L")
        self._begins = array("Q")
        self._ends = array("Q")

    def source(self, path: str, task: str, attempt: int) -> int:
        """The number of a new source."""
        self.sources.append(Source(path, task, attempt))
        return len(self.sources) - 1

    def add(self, source: int, begin: int, end: int) -> None:
        """Put a piece at the end; right behind the last one of the same source, that one grows."""
        if begin >= end:
            return
        if self._sources and self._sources[-1] == source and self._ends[-1] == begin:
            self._ends[-1] = end
        else:
            self._starts.append(self.size)
            self._sources.append(source)
            self._begins.append(begin)
            self._ends.append(end)
        self.size += end - begin

    def lines(self, at: int, end: int | None = None) -> Iterator[Line]:
        """The lines from the one in which the place `at` is, to the one that ends at `end` or to the end of the log."""
        limit = self.size if end is None else min(end, self.size)
        with _Files(self.sources) as files:
            for piece in self._from(self._line_start(at, files)):
                for line in files.lines(piece):
                    if line.at >= limit:
                        return
                    yield line

    def text(self, begin: int, end: int) -> Iterator[bytes]:
        """The bytes between two places."""
        with _Files(self.sources) as files:
            for piece in self._from(begin):
                if piece.at >= end:
                    return
                yield from files.chunks(piece._replace(end=min(piece.end, piece.begin + end - piece.at)))

    def _from(self, at: int) -> Iterator[Piece]:
        """The pieces from a place on; the first one begins there."""
        number = bisect_right(self._starts, at) - 1
        if at >= self.size or number < 0:
            return
        skipped = at - self._starts[number]
        while number < len(self._starts):
            yield Piece(
                self._starts[number] + skipped,
                self._sources[number],
                self._begins[number] + skipped,
                self._ends[number],
            )
            number, skipped = number + 1, 0

    def _line_start(self, at: int, files: _Files) -> int:
        """Where the line begins in which a place is."""
        number = bisect_right(self._starts, at) - 1
        if at >= self.size or number < 0:
            return self.size if at >= self.size else 0
        begin = self._begins[number]
        back = files.back_to_line_start(self._sources[number], begin, begin + at - self._starts[number])
        return at - back


class _Files:
    """The files of some sources, opened when they are needed. One that is gone is empty."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources
        self._open: dict[str, int] = {}

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            if descriptor >= 0:
                os.close(descriptor)

    def chunks(self, piece: Piece) -> Iterator[bytes]:
        descriptor, at = self._descriptor(piece.source), piece.begin
        while at < piece.end and descriptor >= 0:
            data = os.pread(descriptor, min(_CHUNK, piece.end - at), at)
            if not data:
                return
            at += len(data)
            yield data

    def lines(self, piece: Piece) -> Iterator[Line]:
        at, rest = piece.at, b""
        for chunk in self.chunks(piece):
            *whole, rest = (rest + chunk).split(b"\n") if rest else chunk.split(b"\n")
            for data in whole:
                yield Line(at, data, piece.source)
                at += len(data) + 1
        if rest:
            yield Line(at, rest, piece.source)

    def back_to_line_start(self, source: int, begin: int, at: int) -> int:
        """How many bytes before `at` its line begins; `begin` is the start of a line."""
        descriptor, start = self._descriptor(source), at
        while start > begin and descriptor >= 0:
            low = max(begin, start - _CHUNK)
            found = os.pread(descriptor, start - low, low).rfind(b"\n")
            if found >= 0:
                return at - (low + found + 1)
            start = low
        return at - begin

    def _descriptor(self, source: int) -> int:
        path = self._sources[source].path
        if path not in self._open:
            if len(self._open) >= 64:
                self.__exit__()
                self._open.clear()
            try:
                self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                self._open[path] = -1
        return self._open[path]
