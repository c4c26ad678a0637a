"""The log files of a run, read by bytes or by time."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import BinaryIO

from .log_rows import LogFile, LogLine, LogPage

_LINE = re.compile(r"\[([^\]]+)\] (\w+) - (.*)")
_COARSE_SECONDS = 0.002
"""Times in files are cut to milliseconds."""
_LONGEST = 1 << 23
"""Of a longer line no more is read at once."""


def page_of(files: Sequence[LogFile], offset: int, limit: int) -> LogPage:
    """Whole lines of the last file of one task, from a byte on, in what its attempts wrote.

    A negative offset counts from the end. The page has about `limit` bytes, and at least one line if there is one.
    """
    if not files:
        return LogPage("", 0, 0, 0, "")
    path, first, last = files[-1].path, files[-1].begin, files[-1].end
    for file in files:
        if file.path == path:
            first = min(first, file.begin)
    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            end = size if last is None else min(last, size)
            return _page(path, stream, range(first, end), offset, limit)
    except OSError:
        return LogPage(path, 0, 0, 0, "", is_gone=True)


def _page(path: str, stream: BinaryIO, there: range, offset: int, limit: int) -> LogPage:
    first, end = there.start, there.stop
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
