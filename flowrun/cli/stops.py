"""What INT, TERM and HUP do while no task runs."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import NoReturn

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_quietly() -> None:
    """A signal before anything runs ends the process at once, without a word. An ignored one stays ignored.

    At once, because an exception could be caught by a module that is being imported.
    """
    for number in _STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end_now)


def finish_in_peace() -> None:
    """A signal after the job is over has no effect: the exit status is decided, only words are left."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)


def _end_now(number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)
