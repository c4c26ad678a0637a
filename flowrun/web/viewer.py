"""Viewer: one stream of events to somebody who watches, and what waits to be sent on it."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

_MOST_BYTES = 8 * 1024 * 1024
_MOST_MESSAGES = 200
_BREATH_SECONDS = 15.0
_BREATH = b": still here\n\n"
_END = b"event: end\ndata: {}\n\n"


def message(event: str, data: Any, identity: str = "") -> bytes:
    """An event as it travels."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {event}\ndata: {text}\n\n".encode("utf-8", "replace")


class Viewer:
    """What waits for one who watches. Who does not keep up is cut off, so that nothing piles up."""

    def __init__(self, run: str | None) -> None:
        """`run` is the run that is watched; None: all of them, without their tasks."""
        self.run = run
        self.is_cut_off = False
        """It was too slow."""
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._is_over = False
        self._news = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Have a message sent after those that wait."""
        if self._is_over:
            return
        if self._waiting and (self._size + len(data) > _MOST_BYTES or len(self._waiting) >= _MOST_MESSAGES):
            self.is_cut_off = True
            self.end()
            return
        self._waiting.append(data)
        self._size += len(data)
        self._news.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._is_over = True
        self._news.set()

    async def next(self) -> bytes | None:
        """What is to be sent now, or a sign of life after some seconds; None: it is over."""
        if not self._waiting and not self._is_over:
            try:
                async with asyncio.timeout(_BREATH_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                return _BREATH
        self._news.clear()
        if self.is_cut_off:
            return None
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if self._is_over:
            self._news.set()
            return data or None
        return data

    def say_goodbye(self) -> None:
        """Nothing more comes here: who watches on has to connect again."""
        self.put(_END)
        self.end()
