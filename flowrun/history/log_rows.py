"""Where the output of attempts stands, and what stands there. Times are seconds of Unix time."""

from __future__ import annotations

from dataclasses import dataclass

from .row import Row


@dataclass(frozen=True, slots=True)
class LogFile(Row):
    """Where the output of an attempt stands. `end` is where the next one begins; None: the end of the file."""

    task: str
    attempt: int
    path: str
    """Absolute."""
    begin: int
    end: int | None
    started: float
    """When the attempt began: none of its lines is older."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """A piece of a log: whole lines of one file, and where they stand in it."""

    path: str
    """Empty: nothing was written."""
    begin: int
    end: int
    """Where the next page begins."""
    size: int
    """Of the file now."""
    text: str
    """The lines as they are in the file, each `[time] SEVERITY - message`."""
    is_gone: bool = False
    """There was a file, and it was deleted."""


@dataclass(frozen=True, slots=True)
class LogLine(Row):
    """One line of a log."""

    task: str
    at: float
    severity: str
    message: str
    offset: int
    """Where it begins in the file of its task."""
