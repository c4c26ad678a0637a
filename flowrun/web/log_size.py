"""LogSize: how much all logs of a project hold, looked up once a minute at most."""

from __future__ import annotations

import time
from threading import Lock

from ..history.reader import History

_SECONDS = 60.0


class LogSize:
    """Remembers what it has found: there may be very many files."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._found = 0
        self._until = 0.0
        self._lock = Lock()

    def bytes(self) -> int:
        """As it was not more than a minute ago."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._history.log_bytes()
                self._until = time.monotonic() + _SECONDS
            return self._found
