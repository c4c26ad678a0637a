"""Search: where a text stands in the history, in names, labels and messages, and in what tasks have said."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from .log_pages import bytes_of
from .log_rows import LogFile

_LOOKED_AT = 3
"""Of each job so many of the newest runs say which tasks it has."""
_LONGEST = 1 << 20
"""Of a line that is longer no more is looked at together."""

_PREFIX = re.compile(rb"\[[0-9T:.+-]{19,32}\] [A-Z]+ - ?")
"""What the logger puts before each line."""
_COLOUR = re.compile(rb"\\x1b\[[0-9;]{0,32}m")
"""Colours as the logger has written them out."""

IsIn = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A task whose name has the text, as it went in the newest run that has it."""

    job: str
    name: str
    run: str
    state: str


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line that has the text."""

    task: str
    attempt: int
    number: int
    """Counted from 1 in what the attempt has said."""
    at: int
    """The byte at which it begins in what all attempts of the task have said."""
    text: str
    """Without colours."""


def run_numbers(connection: Connection, text: str, limit: int) -> list[int]:
    """The runs whose id begins with the text, or that have it in their job, a label or their message; newest first."""
    folds, wanted = _folding(connection, text)
    found = connection.execute(
        f"SELECT number FROM runs WHERE instr({folds}(id), ?1) = 1 OR instr({folds}(job), ?1) "
        f"OR instr({folds}(message), ?1) "
        f"OR number IN (SELECT run FROM labels WHERE instr({folds}(key || '=' || value), ?1)) "
        "ORDER BY started DESC, number DESC LIMIT ?2",
        (wanted, limit),
    )
    return [number for (number,) in found]


def tasks_named(connection: Connection, text: str, limit: int) -> list[FoundTask]:
    """The tasks that have the text in their name; of each job those of its newest runs. Short names come first."""
    folds, wanted = _folding(connection, text)
    found: dict[tuple[str, str], FoundTask] = {}
    for (job,) in connection.execute("SELECT job FROM runs GROUP BY job ORDER BY max(started) DESC").fetchall():
        rows = connection.execute(
            "SELECT name, id, tasks.state FROM tasks JOIN (SELECT number, id, started FROM runs WHERE job = ? "
            f"ORDER BY started DESC LIMIT ?) AS runs ON tasks.run = runs.number WHERE instr({folds}(name), ?) "
            "ORDER BY runs.started DESC, length(name), name LIMIT ?",
            (job, _LOOKED_AT, wanted, limit * _LOOKED_AT),
        )
        for name, run, state in rows:
            found.setdefault((job, name), FoundTask(job, name, run, state))
    return sorted(found.values(), key=lambda task: len(task.name))[:limit]


def _folding(connection: Connection, text: str) -> tuple[str, str]:
    """The function of SQL after which case counts for nothing, and the text after it. SQLite's own knows only ASCII."""
    if text.isascii():
        return "lower", text.lower()
    connection.create_function("casefold", 1, lambda value: (value or "").casefold(), deterministic=True)
    return "casefold", text.casefold()


def lines_with(files: Sequence[LogFile], text: str, is_over: Callable[[], bool]) -> Iterator[FoundLine]:
    """The lines of a run that have the text, whatever its case, task by task, until it is over."""
    is_in, before = containing(text), dict[str, int]()
    for file in sorted(files, key=lambda file: (file.started, file.begin)):
        if is_over():
            return
        yield from _lines_of(file, is_in, before.get(file.task, 0), is_over)
        before[file.task] = before.get(file.task, 0) + _length(file)


def containing(text: str) -> IsIn:
    """Whether bytes have the text, whatever the case."""
    if text.isascii():
        needle = text.lower().encode()
        return lambda data: needle in data.lower()
    folded = text.casefold()
    return lambda data: folded in data.decode("utf-8", "replace").casefold()


def _lines_of(file: LogFile, is_in: IsIn, at: int, is_over: Callable[[], bool]) -> Iterator[FoundLine]:
    """`at` is where the log of this attempt begins."""
    number, rest = 1, b""
    for piece in bytes_of(file):
        if is_over():
            return
        whole, newline, rest = (rest + piece).rpartition(b"\n")
        if not newline and len(rest) < _LONGEST:
            continue
        data, rest = (whole, rest) if newline else (rest, b"")
        if is_in(_plain(data)):
            yield from _matching(file, data, is_in, number, at)
        number += data.count(b"\n") + len(newline)
        at += len(data) + len(newline)
    if rest:
        yield from _matching(file, rest, is_in, number, at)


def _matching(file: LogFile, data: bytes, is_in: IsIn, number: int, at: int) -> Iterator[FoundLine]:
    for line in data.split(b"\n"):
        if is_in(_plain(line)) and is_in(said := _said(line)):
            yield FoundLine(file.task, file.attempt, number, at, said.decode("utf-8", "replace"))
        number, at = number + 1, at + len(line) + 1


def _said(line: bytes) -> bytes:
    """What the task has said."""
    found = _PREFIX.match(line)
    return _plain(line[found.end() :] if found else line)


def _plain(data: bytes) -> bytes:
    return _COLOUR.sub(b"", data) if b"\\x1b[" in data else data


def _length(file: LogFile) -> int:
    if file.end is not None:
        return file.end - file.begin
    try:
        return os.stat(file.path).st_size - file.begin
    except OSError:
        return 0
