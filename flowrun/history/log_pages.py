"""LogReader: reads the log files of a run, by bytes or by time."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from typing import BinaryIO

from ..errors import UsageError
from .rows import LogFile, LogLine, LogPage, MergedPage

_LINE = re.compile(r"\[([^\]]+)\] (\w+) - (.*)")
_COARSE_SECONDS = 0.002
"""Times in files are cut to milliseconds."""
_LONGEST = 1 << 23
"""Of a longer line no more is read at once."""


class LogReader:
    """Some log files of one run."""

    def __init__(self, files: Sequence[LogFile]) -> None:
        self._files = files

    def page(self, offset: int, limit: int) -> LogPage:
        """Whole lines of the file of one task, in what its attempts wrote."""
        if not self._files:
            return LogPage("", 0, 0, 0, "")
        path, first, last = self._files[-1].path, self._files[-1].begin, self._files[-1].end
        for file in self._files:
            if file.path == path:
                first = min(first, file.begin)
        try:
            with open(path, "rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                end = size if last is None else min(last, size)
                return _page(path, stream, first, end, offset, limit)
        except OSError:
            return LogPage(path, 0, 0, 0, "", is_gone=True)

    def merged(self, cursor: str | None, limit: int) -> MergedPage:
        """The lines of all files by their times, from the cursor on."""
        since, skipped = _place(cursor)
        lines = list(islice(by_time(self._files, lambda file: _lines(file, since)), skipped, skipped + limit + 1))
        shown = lines[:limit]
        if len(lines) <= limit:
            return MergedPage(shown, None)
        last = shown[-1].at
        same = sum(line.at == last for line in shown) + (skipped if last == since else 0)
        return MergedPage(shown, f"{last!r}~{same}")


def _page(path: str, stream: BinaryIO, first: int, end: int, offset: int, limit: int) -> LogPage:
    begin = max(first, end + offset if offset < 0 else offset)
    if begin > first:
        stream.seek(begin - 1)
        begin += len(stream.readline(_LONGEST)) - 1  # on to the next whole line
    if begin >= end:
        return LogPage(path, end, end, end, "")
    stream.seek(begin)
    data = stream.read(min(limit, end - begin))
    whole = data.rfind(b"\n") + 1
    if not whole:
        data += stream.readline(min(_LONGEST, end - begin - len(data)))
        whole = len(data)
    return LogPage(path, begin, begin + whole, end, data[:whole].decode("utf-8", "replace"))


def _lines(file: LogFile, since: float) -> Iterator[LogLine]:
    begin = _beginning(file, since) if since else file.begin
    return (line for line, _ in lines_from(file, begin) if line.at >= since)


def by_time(files: Iterable[LogFile], lines_of: Callable[[LogFile], Iterator[LogLine]]) -> Iterator[LogLine]:
    """The lines of all files by their times. A file is opened when its time has come: there may be very many."""
    waiting = deque(sorted(files, key=lambda file: file.started))
    open_: list[tuple[float, str, int, LogLine, Iterator[LogLine]]] = []
    while waiting or open_:
        while waiting and (not open_ or waiting[0].started - _COARSE_SECONDS <= open_[0][0]):
            _push(open_, lines_of(waiting.popleft()))
        if open_:
            _, _, _, line, lines = heappop(open_)
            yield line
            _push(open_, lines)


def _push(open_: list[tuple[float, str, int, LogLine, Iterator[LogLine]]], lines: Iterator[LogLine]) -> None:
    line = next(lines, None)
    if line is not None:
        heappush(open_, (line.at, line.task, line.offset, line, lines))


def lines_from(file: LogFile, begin: int) -> Iterator[tuple[LogLine, int]]:
    """The lines of an attempt from a byte on, and where each ends; none if the file is gone."""
    try:
        stream = open(file.path, "rb")  # noqa: SIM115  closed below, when the lines are read
    except OSError:
        return
    with stream:
        at, end = begin, os.fstat(stream.fileno()).st_size if file.end is None else file.end
        stream.seek(at)
        while at < end and (data := stream.readline(_LONGEST)):
            line = parsed(data, file.task, at)
            at += len(data)
            if line is not None:
                yield line, at


def bytes_of(file: LogFile) -> Iterator[bytes]:
    """What an attempt has written, in pieces; nothing if the file is gone."""
    try:
        stream = open(file.path, "rb")  # noqa: SIM115  closed below, when the pieces are read
    except OSError:
        return
    with stream:
        stream.seek(file.begin)
        left = os.fstat(stream.fileno()).st_size - file.begin if file.end is None else file.end - file.begin
        while left > 0 and (data := stream.read(min(left, 1 << 20))):
            left -= len(data)
            yield data


def _beginning(file: LogFile, since: float) -> int:
    try:
        with open(file.path, "rb") as stream:
            end = os.fstat(stream.fileno()).st_size if file.end is None else file.end
            return _first_since(stream, file.begin, end, since)
    except OSError:
        return file.begin


def parsed(data: bytes, task: str, offset: int) -> LogLine | None:
    """A line of the file logger; None for anything else."""
    found = _LINE.fullmatch(data.decode("utf-8", "replace").rstrip("\n"))
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[1]).timestamp()
    except ValueError:
        return None
    return LogLine(task, at, found[2], found[3], offset)


def _first_since(stream: BinaryIO, begin: int, end: int, since: float) -> int:
    """Where the first line begins that may be of that time: halves what is left, since lines are in order."""
    low, high = begin, end
    while high - low > 4096:
        middle = (low + high) // 2
        stream.seek(middle)
        middle += len(stream.readline(_LONGEST))
        line = parsed(stream.readline(_LONGEST), "", 0) if middle < high else None
        if line is None or line.at >= since:
            high = (low + high) // 2
        else:
            low = middle
    return low


def _place(cursor: str | None) -> tuple[float, int]:
    if cursor is None:
        return 0.0, 0
    at, _, skipped = cursor.partition("~")
    try:
        return float(at), int(skipped)
    except ValueError:
        raise UsageError(f"{cursor!r} is no cursor of a log") from None
