"""What INT, TERM and HUP do while no task runs."""

import _signal as signal  # type: ignore[import-not-found]  # `signal` without names that take milliseconds to load
import os

TYPE_CHECKING = False  # `typing` takes longer still, and a signal may come at any moment
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_quietly() -> None:
    """A signal before anything runs ends the process at once, without a word. An ignored one stays ignored.

    At once, because an exception could be caught by a module that is being imported.
    """
    for number in _STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end_now)


def finish_in_peace() -> None:
    """A signal after the job is over has no effect: the exit status is decided, only words are left."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)


def _end_now(number: int, _frame: "FrameType | None") -> "NoReturn":
    os._exit(128 + number)
