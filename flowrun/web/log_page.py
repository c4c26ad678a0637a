"""LogPage: some lines of a log, forward from a place or backward to it, all or those that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from typing_extensions import TypedDict

from .log_line import LEVELS, LogLine, log_line, rank, shown
from .log_pieces import Line, LogPieces

_MOST_BYTES = 8 * 1024 * 1024
"""So much is looked through for one page."""
_MOST_SHOWN = 2 * 1024 * 1024
"""So much a page has at most."""
_STEP = 64 * 1024

MARK_EVERY = 1000

Wants = Callable[[bytes], bool]


class LogPageBody(TypedDict):
    """Some lines. `next` and `previous` are where to go on, forward and backward; null: nowhere."""

    size: int
    offset: int
    next: int
    previous: int | None
    is_end: bool
    lines: list[LogLine]


class MarksBody(TypedDict):
    """Where every so many lines begin."""

    size: int
    every: int
    lines: int
    marks: list[int]


class FirstErrorBody(TypedDict):
    """Where the first line of level ERROR or above is; null: there is none."""

    at: int | None


def wanting(level: str, text: str) -> Wants | None:
    """Whether a line is at least of this level and has this text, whatever the case; None: every line is wanted."""
    if not (level or text):
        return None
    least, needle = LEVELS.index(level) if level else -1, text.casefold()

    def wants(data: bytes) -> bool:
        if level and rank(data) < least:
            return False
        return not needle or needle in shown(data).casefold()

    return wants


def page_from(pieces: LogPieces, at: int, limit: int, wants: Wants | None) -> LogPageBody:
    """The lines from the one in which the place `at` is."""
    found: list[LogLine] = []
    size, first, end, seen = pieces.size, None, min(at, pieces.size), 0
    for line in pieces.lines(at):
        first = line.at if first is None else first
        if len(found) >= limit or line.at - first > _MOST_BYTES or seen > _MOST_SHOWN:
            break
        end = line.at + len(line.data) + 1
        if wants is None or wants(line.data):
            seen += len(line.data)
            found.append(_shown(line, pieces))
    begin = end if first is None else first
    end = min(end, size)
    return {
        "size": size,
        "offset": begin,
        "next": end,
        "previous": begin or None,
        "is_end": end >= size,
        "lines": found,
    }


def page_before(pieces: LogPieces, before: int, limit: int, wants: Wants | None) -> LogPageBody:
    """The last lines that begin before a place."""
    size, before = pieces.size, min(before, pieces.size)
    found: list[Line] = []
    low, seen = before, 0
    while low > 0 and len(found) < limit and before - low < _MOST_BYTES and seen < _MOST_SHOWN:
        lines = list(pieces.lines(max(0, low - _STEP), low))
        if not lines:
            break
        wanted = [line for line in lines if wants is None or wants(line.data)]
        room = limit - len(found)
        low = wanted[-room].at if len(wanted) > room else lines[0].at
        found = wanted[-room:] + found
        seen += sum(len(line.data) for line in wanted[-room:])
    return {
        "size": size,
        "offset": low,
        "next": before,
        "previous": low or None,
        "is_end": before >= size,
        "lines": [_shown(line, pieces) for line in found],
    }


def marks(pieces: LogPieces) -> MarksBody:
    """Where every 1,000th line begins."""
    found, number = [], 0
    for number, at in enumerate(_line_starts(pieces), 1):
        if number % MARK_EVERY == 1:
            found.append(at)
    return {"size": pieces.size, "every": MARK_EVERY, "lines": number, "marks": found}


def first_error(pieces: LogPieces, after: int) -> FirstErrorBody:
    """Where the first line of level ERROR or above begins, at or after a place."""
    least = LEVELS.index("ERROR")
    return {"at": next((line.at for line in pieces.lines(after) if rank(line.data) >= least), None)}


def _line_starts(pieces: LogPieces) -> Iterator[int]:
    return (line.at for line in pieces.lines(0))


def _shown(line: Line, pieces: LogPieces) -> LogLine:
    source = pieces.sources[line.source]
    return log_line(line.data, line.at, source.task, source.attempt)
