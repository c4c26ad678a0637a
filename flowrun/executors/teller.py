"""Teller: what the process of an attempt says of its progress, not too often, and always the last of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Thread

from ..eventbus.progress import PROGRESS_SECONDS, Progress


class Teller:
    """Sends progress at most every 200 ms. What comes sooner waits, and what comes after it takes its place.

    What waits is sent from a thread, because the task may be busy for a long time after it has spoken.
    """

    def __init__(self, send: Callable[[Progress], None]) -> None:
        self._send = send
        self._lock = Lock()
        self._is_closed = False
        self._waiting: Progress | None = None
        self._may_send_at = 0.0
        """By the monotonic clock."""

    def tell(self, progress: Progress) -> None:
        """Send it now or soon. Any thread may call it."""
        with self._lock:
            if self._is_closed:
                return
            left = self._may_send_at - time.monotonic()
            if left > 0 and self._waiting is None:
                Thread(target=self._send_later, args=(left,), daemon=True).start()
            self._waiting = progress
            if left <= 0:
                self._send_waiting()

    def close(self) -> None:
        """Send what waits. What is told later, by a thread that was left behind, is not sent."""
        with self._lock:
            self._is_closed = True
            self._send_waiting()

    def _send_later(self, seconds: float) -> None:
        time.sleep(seconds)
        with self._lock:
            self._send_waiting()

    def _send_waiting(self) -> None:
        progress, self._waiting = self._waiting, None
        if progress is not None:
            self._may_send_at = time.monotonic() + PROGRESS_SECONDS
            self._send(progress)
