"""Records: where the records of a job are kept."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..durable import make_directory, make_state_directory, naming, write_all
from ..file_name import safe_file_name
from ..values.file_store import FileStore
from .large_values import ValueDirectory, copy_values, names_in
from .record import Record, record_of

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class Records:
    """The records of a job, one file for each task: `.flowrun/cache/JOB/TASK.json`, and `TASK.values/` beside it."""

    def __init__(self, root: Path, job_name: str) -> None:
        """`root` is the project root."""
        self._state = root / ".flowrun"
        self._directory = self._state / "cache" / safe_file_name(job_name)

    def read(self, task: str) -> Record | None:
        """The record of a task; None if there is none that can be read."""
        try:
            record = record_of(self._path(task).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return record if record.task == task else None

    def values(self, task: str) -> ValueDirectory:
        """Where the large values of a task's outcome are."""
        return ValueDirectory(self._directory / f"{safe_file_name(task)}.values")

    def write(self, record: Record, store: FileStore) -> None:
        """Keep a record in place of an earlier one; `store` has the large values of its outcome.

        Raises StateError if it cannot be written.
        """
        path = self._path(record.task)
        with naming(path):
            make_state_directory(self._state)
            make_directory(self._directory)
            kept: set[str] = set()
            for text in record.values():
                copy_values(text, store, self.values(record.task).directory)
                kept |= names_in(text)
            _put(path, record.text().encode("utf-8", "surrogatepass"))
        self._remove_values_but(record.task, kept)

    def _remove_values_but(self, task: str, kept: set[str]) -> None:
        directory = self.values(task).directory
        with suppress(OSError):  # there are none, or they are in the way of nobody
            for name in set(os.listdir(directory)) - kept:
                os.unlink(directory / name)
            directory.rmdir()

    def _path(self, task: str) -> Path:
        return self._directory / f"{safe_file_name(task)}.json"


def _put(path: Path, data: bytes) -> None:
    """In one step. After a loss of power the file may be damaged; then it is as if there were none."""
    draft = path.with_name(f"{path.name}.{os.urandom(4).hex()}.draft")
    descriptor = os.open(draft, _FRESH, 0o600)
    try:
        write_all(descriptor, data)
        os.rename(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
