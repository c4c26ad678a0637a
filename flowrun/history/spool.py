"""Spool: the file into which one start of a run writes what happens, line by line."""

from __future__ import annotations

import fcntl
import os

from ..durable import make_directory, make_state_directory
from .places import Places

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class Spool:
    """A new file of lines of JSON. As long as it is open it is locked, by which readers see that the run is alive.

    A line that cannot be written whole is taken back. Raises OSError.
    """

    def __init__(self, places: Places, name: str) -> None:
        make_state_directory(places.state)
        make_directory(places.spool)
        self._descriptor = os.open(places.spool / name, _FLAGS, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._size = 0

    def append(self, data: bytes) -> None:
        """Append whole lines."""
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:] if written else data)
        except OSError:
            self._size += data.rfind(b"\n", 0, written) + 1
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def close(self) -> None:
        """Nothing more comes."""
        os.close(self._descriptor)
