"""File: items that are read from a file when they are needed; only where each begins is kept."""

from __future__ import annotations

import os
import stat
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import ItemsError
from .form import Form
from .items import Items
from .keys import field_of, renames, text_of
from .listed import in_memory
from .records import Reader, Record, reader_of

_BY_SUFFIX = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def items_in(path: Path, form: Form) -> Items:
    """The items in a file. Raises ItemsError if it cannot be read."""
    format = form.format or _BY_SUFFIX.get(path.suffix.lower(), "lines")
    if format == "json":
        return _of_document(path, form.key)
    if format == "lines" and form.key is not None:
        raise ItemsError("lines have no fields, so none can be the key", ("key",))
    return FileItems(path, reader_of(format), form.key)


class FileItems(Items):
    """The records of a file. Raises ItemsError for a bad one, and when the file has changed since."""

    def __init__(self, path: Path, reader: Reader, field: str | None) -> None:
        self._path = path
        self._reader = reader
        self._field = field
        self._stamp: tuple[int, int] | None = None
        self._ahead: Iterator[Record] = iter(())
        self._last: tuple[int, Any] = (-2, None)
        self._starts = array("Q", (record.start for record in self._records()))
        self._renamed = renames(self._texts)
        if field is not None and self._renamed:
            self._refuse_double(field, min(self._renamed))

    def __len__(self) -> int:
        return len(self._starts)

    def item(self, position: int) -> Any:
        """The one after the last that was asked for costs least, and the same one again nothing."""
        if position != self._last[0]:
            if position != self._last[0] + 1:
                self._ahead = self._records(self._starts[position])
            record = next(self._ahead, None)
            if record is None or record.start != self._starts[position]:
                raise self._changed()
            self._last = position, record.item
        return self._last[1]

    def key(self, position: int) -> str:
        return self._renamed.get(position) or self._text(position, self.item(position))

    def __iter__(self) -> Iterator[Any]:
        return (record.item for record in self._records())

    def keys(self) -> Iterator[str]:
        return (self._renamed.get(position, text) for position, text in enumerate(self._texts()))

    def _records(self, start: int = 0) -> Iterator[Record]:
        with self._open() as stream:
            stream.seek(start)
            try:
                yield from self._reader.records(stream)
            except ItemsError as error:
                raise ItemsError(f"{_shown(self._path)}: {error}") from None

    def _texts(self) -> Iterator[str]:
        for position, record in enumerate(self._records()):
            try:
                yield self._text(position, record.item)
            except ItemsError as error:
                raise ItemsError(f"{_shown(self._path)}: line {record.line}: {error}") from None

    def _text(self, position: int, item: Any) -> str:
        if self._field is not None:
            return field_of(item, self._field)
        return text_of(item) or str(position + 1)

    def _refuse_double(self, field: str, second: int) -> None:
        lines: list[int] = []
        wanted = self._text(second, self.item(second))
        for position, record in enumerate(self._records()):
            if self._text(position, record.item) == wanted:
                lines.append(record.line)
        raise ItemsError(f"{_shown(self._path)}: lines {lines[0]} and {lines[1]} have the same `{field}`: `{wanted}`")

    def _open(self) -> BinaryIO:
        stream = _open(self._path)
        found = os.fstat(stream.fileno())
        stamp = found.st_size, found.st_mtime_ns
        if self._stamp not in (None, stamp):
            stream.close()
            raise self._changed()
        self._stamp = stamp
        return stream

    def _changed(self) -> ItemsError:
        return ItemsError(f"{_shown(self._path)} has changed since its items were counted")


def _of_document(path: Path, field: str | None) -> Items:
    """A JSON document has to be read as a whole."""
    import json

    with _open(path) as stream:
        try:
            value = json.loads(stream.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ItemsError(f"{_shown(path)} is not text in UTF-8") from None
        except json.JSONDecodeError as error:
            raise ItemsError(f"{_shown(path)}: line {error.lineno}: this is not JSON: {error.msg}") from None
        except RecursionError:
            raise ItemsError(f"{_shown(path)}: lists and mappings are nested too deeply") from None
    try:
        return in_memory(value, field)
    except ItemsError as error:
        raise ItemsError(f"{_shown(path)}: {error}") from None


def _open(path: Path) -> BinaryIO:
    # Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ItemsError(f"{_shown(path)} cannot be read: {reason}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ItemsError(f"{_shown(path)} cannot be read: it is no regular file")
    return os.fdopen(descriptor, "rb")


def _shown(path: Path) -> str:
    return f"`{path.name}`"
