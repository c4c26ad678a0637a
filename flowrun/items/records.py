"""Records: the items of a file one after the other, with the place where each begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, Protocol

from ..errors import ItemsError


class Record(NamedTuple):
    """One item; `start` counts bytes from 0, `line` from 1."""

    start: int
    line: int
    item: Any


class Reader(Protocol):
    """Reads one format."""

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Called for the records from where the stream stands; lines are counted from there."""


def reader_of(format: str) -> Reader:
    """A reader of `lines`, `jsonl` or `csv`."""
    if format == "csv":
        return CsvReader()
    return LineReader(_json if format == "jsonl" else _itself)


class LineReader:
    """One item on each line that is not empty."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Each line as a record."""
        for start, _end, line, text in _lines(stream):
            if text.strip():
                try:
                    yield Record(start, line, self._read(text.rstrip("\r\n")))
                except ValueError as error:
                    raise ItemsError(f"line {line}: this is not JSON: {getattr(error, 'msg', error)}") from None
                except RecursionError:
                    raise ItemsError(f"line {line}: lists and mappings are nested too deeply") from None


class CsvReader:
    """One mapping for each row; the first row has the names of the columns."""

    def __init__(self) -> None:
        self._columns: list[str] = []

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        """Each row as a record; quoted fields may go over several lines."""
        import csv

        lines = _Lines(stream)
        columns = self._columns if lines.end else []
        rows = csv.reader(lines, strict=True)
        while True:
            start, line = lines.end, lines.count + 1
            try:
                row = next(rows, None)
            except csv.Error as error:
                raise ItemsError(f"line {line}: {error}") from None
            if row is None:
                break
            if columns and row:
                yield Record(start, line, self._item(row, line))
            elif row:
                columns = self._columns = _distinct(row)
        if not columns:
            raise ItemsError("the file is empty; its first row must have the names of the columns")

    def _item(self, row: list[str], line: int) -> dict[str, str]:
        if len(row) != len(self._columns):
            raise ItemsError(f"line {line}: the row has {len(row)} fields, and there are {len(self._columns)} columns")
        return dict(zip(self._columns, row, strict=True))


class _Lines:
    """The lines of a stream, and how far it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self.end = stream.tell()
        self.count = 0
        self._lines = _lines(stream)

    def __iter__(self) -> Iterator[str]:
        for _start, end, line, text in self._lines:
            self.end, self.count = end, line
            yield text


def _lines(stream: BinaryIO) -> Iterator[tuple[int, int, int, str]]:
    """Where each line starts and ends, its number, and its text with its end."""
    end = stream.tell()
    for line, raw in enumerate(stream, 1):
        start, end = end, end + len(raw)
        try:
            text = raw.decode("utf-8" if start else "utf-8-sig")
        except UnicodeDecodeError:
            raise ItemsError(f"line {line} is not text in UTF-8") from None
        yield start, end, line, text


def _distinct(columns: list[str]) -> list[str]:
    double = [name for number, name in enumerate(columns) if name in columns[:number]]
    if double:
        raise ItemsError(f"line 1: two columns are called `{double[0]}`")
    return columns


def _itself(text: str) -> str:
    return text


def _json(text: str) -> Any:
    import json

    return json.loads(text)
