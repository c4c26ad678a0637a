"""Keyboard: single keys that a person presses while a job runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

_STDIN = 0


class Keyboard:
    """Hears keys as long as the job is in the foreground of the terminal on its standard input.

    Ctrl-C stays what it is. What is typed is not shown. The terminal is put back by `close`, and at the end of
    the process at the latest.
    """

    def __init__(self, pressed: Callable[[str], None]) -> None:
        """`pressed` is called with each key that has a letter or a sign."""
        self._pressed = pressed
        self._before: list[Any] | None = None
        self._forget: Callable[[], object] = lambda: None

    def open(self) -> bool:
        """Begin to hear, within an event loop; False if there is nobody who could press a key."""
        if not _is_foreground():
            return False
        import asyncio
        import atexit
        import signal
        import termios
        import tty

        # Reading in the background would stop the whole process; in a thread that blocks the signal it fails.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN, signal.SIGTTOU})
        try:
            self._before = termios.tcgetattr(_STDIN)
            tty.setcbreak(_STDIN, termios.TCSANOW)
        except termios.error:
            return False
        atexit.register(self._put_back)
        loop = asyncio.get_running_loop()
        loop.add_reader(_STDIN, self._read)
        self._forget = lambda: loop.remove_reader(_STDIN)
        return True

    def close(self) -> None:
        """Hear nothing more, and leave the terminal as it was."""
        self._forget()
        self._forget = lambda: None
        self._put_back()

    def _read(self) -> None:
        try:
            data = os.read(_STDIN, 64) if _is_foreground() else b""
        except OSError:
            data = b""
        if not data:  # what is typed now is meant for somebody else
            self._forget()
        elif not data.startswith(b"\x1b"):  # an arrow, or another key that is no sign
            for key in data.decode("ascii", "ignore"):
                self._pressed(key)

    def _put_back(self) -> None:
        import atexit
        import termios

        atexit.unregister(self._put_back)
        if self._before is not None and _is_foreground():
            try:
                termios.tcsetattr(_STDIN, termios.TCSANOW, self._before)
            except termios.error:
                return


def _is_foreground() -> bool:
    try:
        return os.isatty(_STDIN) and os.tcgetpgrp(_STDIN) == os.getpgrp()
    except OSError:  # it is not the terminal that controls this process
        return False
