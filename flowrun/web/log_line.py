"""LogLine: one line of a log file, as `FileLogger` writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from typing_extensions import TypedDict

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TIME = slice(1, 24)
"""Where the time stands in a line, to the millisecond; lines of one machine are sorted by it."""

_FORM = re.compile(rb"\[([0-9T:.+-]{19,32})\] ([A-Z]+) - ?(.*)", re.DOTALL)
_COLOUR = re.compile(r"\\x1b(\[[0-9;]{0,32}m)")
_MOST_BYTES = 64 * 1024


class LogLine(TypedDict):
    """One line. `at` is where it begins in the log that was asked for."""

    at: int
    task: str
    attempt: int
    time: str | None
    level: str
    text: str
    is_cut: bool


def log_line(data: bytes, at: int, task: str, attempt: int) -> LogLine:
    """The line in `data`, which has no line end. What another logger has written has no time and no level."""
    found = _FORM.match(data)
    said = found[3] if found else data
    return {
        "at": at,
        "task": task,
        "attempt": attempt,
        "time": _utc(found[1]) if found else None,
        "level": found[2].decode() if found else "",
        "text": shown(said[:_MOST_BYTES]),
        "is_cut": len(said) > _MOST_BYTES,
    }


def shown(data: bytes) -> str:
    """The text, with the colours that the logger has written out in place again."""
    text = data.decode("utf-8", "replace")
    return _COLOUR.sub("\x1b\\1", text) if "\\x1b[" in text else text


def rank(data: bytes) -> int:
    """How serious a line is: the place of its level in LEVELS; -1: it has none."""
    end = data.find(b"] ", 0, 40)
    name = data[end + 2 : end + 12].partition(b" ")[0] if end > 0 else b""
    return _RANKS.get(name, -1)


_RANKS = {name.encode(): number for number, name in enumerate(LEVELS)}


def _utc(text: bytes) -> str | None:
    try:
        return datetime.fromisoformat(text.decode()).astimezone(UTC).isoformat(timespec="milliseconds")
    except ValueError:
        return None
