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
        for number in range(size):
            one = socket.create_connection((where.hostname, where.port))
            one.sendall(request)
            self._selector.register(one, EVENT_READ, number == 0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._is_over = True
        self.join()

    def run(self) -> None:
        """Read until it is over."""
        while not self._is_over:
            for key, _ in self._selector.select(0.1):
                data = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]
                if key.data:
                    self._hear(data, time.time())
                if not data:
                    self._selector.unregister(key.fileobj)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]

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
