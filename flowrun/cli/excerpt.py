"""A few lines of a file around a place, with line numbers and a caret."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from ..problem import Place
from .printable import columns, harmless

if TYPE_CHECKING:
    from .paint import Paint

_SUFFIXES = (".yaml", ".yml", ".py")
_MOST_BYTES = 8 * 1024 * 1024
_WIDTH = 120
_PASSWORD = re.compile(r"(://[^\s/@:\"']*:)([^\s@\"']+)(?=@)")


def excerpt(place: Place, label: str, paint: Paint) -> list[str]:
    """The line of the place and the one before it, and a caret below with the label. Empty if they cannot be read."""
    lines = lines_before(place.file, place.line, 2)
    if not lines:
        return []
    width = len(str(place.line))
    bar = paint("|", "blue")
    shown = [f"{'':{width}} {bar}"]
    for number, text in lines:
        shown.append(f"{paint(f'{number:{width}}', 'blue')} {bar} {harmless(text, _WIDTH)}".rstrip())
    if place.column:
        text, start = lines[-1][1], place.column - 1
        column = columns(harmless(text[:start]))
        if column < _WIDTH:
            carets = "^" * max(1, min(columns(text[start : start + place.length]), _WIDTH - column))
            shown.append(f"{'':{width}} {bar} {'':{column}}{paint(carets, 'red')} {label}".rstrip())
            return shown
    if label:
        shown.append(f"{'':{width}} {bar} {label}")
    return shown


def lines_before(file: str, line: int, count: int) -> list[tuple[int, str]]:
    """The line of a text file, and those before it, `count` in all, each with its number.

    Empty if the file is no YAML or Python file of sensible size, or has no such line. Other files are not shown:
    an `include` of a password file must not print it.
    """
    if line < 1 or not file.endswith(_SUFFIXES):
        return []
    try:
        status = os.stat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            return []
        with open(file, encoding="utf-8", errors="replace") as stream:
            lines = stream.read().split("\n")
    except OSError:
        return []
    numbers = range(max(1, line - count + 1), min(line, len(lines)) + 1)
    return [(number, _without_passwords(lines[number - 1])) for number in numbers]


def _without_passwords(line: str) -> str:
    """The line as long as it was, with stars for passwords in URLs."""
    return _PASSWORD.sub(lambda found: found[1] + "*" * len(found[2]), line)
