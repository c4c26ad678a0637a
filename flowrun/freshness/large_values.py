"""Large values in encoded texts: they stand in files, and the text has only their names."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from ..values.file_store import FileStore


class DigestStore(FileStore):
    """Keeps nothing: a large value is named by its content, so equal values have equal texts."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Path(), "", "")

    def put(self, write: Callable[[BinaryIO], object], suffix: str) -> tuple[str, int]:
        """Have `write` write, and give the digest of that with its size."""
        sink = _Sink()
        write(sink)  # type: ignore[arg-type]  # it takes what is written, and nothing else is asked of it
        return f"{sink.digest}.{suffix}", sink.size


class ValueDirectory(FileStore):
    """Large values in a directory that is no run's."""

    __slots__ = ("_directory",)

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "", "")
        self._directory = directory

    @property
    def directory(self) -> Path:
        """Where the files are."""
        return self._directory


def by_content(text: str, store: FileStore) -> str:
    """An encoded text in which large values are named by their content.

    Raises CheckpointInvalidError if one of them is not there as it was.
    """
    for name, size in _names(text):
        text = text.replace(name, f"{_digest(store.path(name, size))}{os.path.splitext(name)[1]}")
    return text


def copy_values(text: str, source: FileStore, target: Path) -> None:
    """Have the large values of a text in the directory `target` too.

    Raises CheckpointInvalidError if one of them is not there as it was, and OSError if it cannot be written.
    """
    for name, size in _names(text):
        _copy(source.path(name, size), target / name)


def names_in(text: str) -> set[str]:
    """The names of the files of large values."""
    return {name for name, _size in _names(text)}


def _copy(source: Path, target: Path) -> None:
    """A second name for a file that nobody changes; a copy where the file system has no second names."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        try:
            os.link(source, target)
        except FileExistsError:
            raise
        except OSError:
            draft = target.with_name(f"{target.name}.{os.getpid()}.draft")
            shutil.copyfile(source, draft)
            os.replace(draft, target)


def _names(text: str) -> Iterator[tuple[str, int]]:
    if '"$file"' not in text:
        return
    found: list[tuple[str, int]] = []

    def look(body: dict[str, Any]) -> Any:
        inside = body.get("$file")
        if len(body) == 1 and isinstance(inside, dict) and {"name", "size"} <= inside.keys():
            found.append((str(inside["name"]), int(inside["size"])))
        return body

    json.loads(text, object_hook=look)
    yield from found


def _digest(path: Path) -> str:
    sink = _Sink()
    with path.open("rb") as stream:
        shutil.copyfileobj(stream, sink, 1 << 20)
    return sink.digest


class _Sink:
    """Takes what is written to it, and keeps a digest of it."""

    def __init__(self) -> None:
        from hashlib import blake2b

        self._content = blake2b(digest_size=16)
        self.size = 0

    @property
    def digest(self) -> str:
        return self._content.hexdigest()

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._content.update(data)
        self.size += size
        return size

    def flush(self) -> None:
        """There is nothing to flush."""
