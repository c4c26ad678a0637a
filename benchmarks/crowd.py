"""Crowd: many who watch one run over the API."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from datetime import datetime
from selectors import EVENT_READ, DefaultSelector
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

_PIECE = 1 << 16
_QUIET_SECONDS = 1.0
"""When nothing has come for so long, all has been heard."""


class Crowd(threading.Thread):
    """Reads everything that is sent; the first of them notes how late the end of each task was told."""

    def __init__(self, address: str, run: str, size: int) -> None:
        """`address` is that of the server."""
        super().__init__(daemon=True)
        where = urlsplit(address)
        request = f"GET /api/v1/stream?run={run} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode()
        self._selector = DefaultSelector()
        self._is_over = False
        self._told: dict[str, float] = {}
        self._greeted = float("inf")
        self._rest = b""
        self._first: socket.socket | None = None
        for _ in range(size):
            one = socket.create_connection((where.hostname, where.port))
            one.sendall(request)
            self._selector.register(one, EVENT_READ, one)
            self._first = self._first or one

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._is_over = True
        self.join()

    def run(self) -> None:
        """Read until it is over, and what is late has come, too."""
        while (ready := self._selector.select(_QUIET_SECONDS)) or not self._is_over:
            for key, _ in ready:
                data = key.data.recv(_PIECE)
                if key.data is self._first:
                    self._hear(data, time.time())
                if not data:
                    self._selector.unregister(key.data)
        for key in list(self._selector.get_map().values()):
            key.data.close()

    def late(self, tasks: list[Any]) -> list[float]:
        """How late the end of each of these tasks was told, the least first; of those that ended meanwhile."""
        ended = {task["name"]: datetime.fromisoformat(task["ended"]).timestamp() for task in tasks}
        return sorted(told - ended[name] for name, told in self._told.items() if ended[name] > self._greeted)

    def _hear(self, data: bytes, now: float) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line == b"event: hello":
                self._greeted = now
            if line.startswith(b'data: {"run":') and b'"tasks":[' in line:
                with suppress(ValueError):  # a piece of the transfer begins in it
                    for task in json.loads(line[6:])["tasks"]:
                        if task["state"] == "COMPLETED":
                            self._told.setdefault(task["name"], now)
