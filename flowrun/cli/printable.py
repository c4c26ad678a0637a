"""Foreign text made fit for a line on the terminal."""

from __future__ import annotations

import os
import re

from ..plaintext import plain, plain_line

_NARROW = 30
"""Where less room is left beside a label, the text goes on below it."""
_COLOUR = re.compile("(\x1b\\[[0-9;]*m)")


def harmless(text: object, most: int = 0) -> str:
    """The text on one line without control characters, at most `most` characters long (0: any length)."""
    line = str(text)
    if not most:
        return plain_line(line)
    line = plain_line(line[: most + 1])
    return line if len(line) <= most else f"{line[: most - 1]}…"


def columns(text: str) -> int:
    """How wide a text is on a terminal, where some characters take two columns and some none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def hanging(label: str, text: str, width: int) -> list[str]:
    """The label and the text, continued below the text from the end of a word; a width of 0 has room for all."""
    if not width or columns(label) + columns(text) <= width:
        return [label + text]
    indent = columns(label) if width - columns(label) >= _NARROW else min(6, width // 2)
    lines, line, is_empty = [], label, True
    for word in text.split(" "):
        if not is_empty and columns(line) + 1 + columns(word) > width:
            lines.append(line)
            line, is_empty = " " * indent, True
        line += word if is_empty else f" {word}"
        is_empty = False
    return [*(one.rstrip() for one in lines), line]


def defused(text: str) -> str:
    """Text that may hold newlines, tabs and colours; every other control character is written out."""
    if "\x1b" not in text:
        return plain(text)
    return "".join(part if number % 2 else plain(part) for number, part in enumerate(_COLOUR.split(text)))


def listed(names: list[str], most: int = 8) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(harmless(name, 100) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def near(file: str) -> str:
    """The path relative to the current directory, where that is shorter."""
    try:
        relative = os.path.relpath(file)
    except (OSError, ValueError):
        return file
    return relative if len(relative) < len(file) else file
