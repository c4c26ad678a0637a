"""JournalFile: the journal of the run that goes on, to which records are appended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..durable import naming, write_all, write_whole
from .journal import line


class JournalFile:
    """An open journal. Whatever fails, the file ends with the last record that was acknowledged."""

    def __init__(self, path: Path, first: dict[str, Any]) -> None:
        """Put a new journal into the place of `path`, in one step. Raises StateError if it cannot be written."""
        self.path = path
        data = line(1, 0, first)
        with naming(path):
            self._descriptor = write_whole(path, data)
        self._bytes = len(data)
        self._seq = self._synced = 1
        self._has_rest = False

    def append(self, bodies: Sequence[dict[str, Any]], *, is_durable: bool) -> None:
        """Append a record for each body; when this returns, they survive a crash, and a loss of power if durable.

        Raises StateError if they cannot be written; then none of them is kept, and the next attempt may succeed.
        """
        data = b"".join(line(self._seq + count, self._synced, body) for count, body in enumerate(bodies, 1))
        with naming(self.path):
            self._write(data, is_durable=is_durable)
        self._bytes += len(data)
        self._seq += len(bodies)
        if is_durable:
            self._synced = self._seq

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _write(self, data: bytes, *, is_durable: bool) -> None:
        if self._has_rest:
            os.ftruncate(self._descriptor, self._bytes)
        self._has_rest = True
        try:
            write_all(self._descriptor, data)
            if is_durable:
                os.fdatasync(self._descriptor)
        except OSError:
            with suppress(OSError):  # the rest is cut off now, or else before the next record
                os.ftruncate(self._descriptor, self._bytes)
            raise
        self._has_rest = False
