"""Excerpts of the project's own source files. Other files are not shown, whatever a history says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from typing_extensions import TypedDict

from .run_form import SourceLine

_AROUND = 2
_LARGEST = 2 * 1024 * 1024
_MOST_LINES = 200
_SEARCHED = ("tasks", "extensions")


class SourceBody(TypedDict):
    """The source of a class or function."""

    file: str
    line: int
    text: str


def excerpt(root: Path, file: str, line: int) -> list[SourceLine]:
    """A line with those around it; empty if the file is not one of the project, or not there."""
    lines = _lines(root, root / file) if file else []
    if not 0 < line <= len(lines):
        return []
    first = max(1, line - _AROUND)
    return [{"line": number, "text": lines[number - 1]} for number in range(first, min(len(lines), line + _AROUND) + 1)]


def source_of(root: Path, variant: str, home: str = "") -> SourceBody | None:
    """The class or function of this name in the task modules of a project, found without importing them.

    `home` is the file of a job in Python, which is looked into first.
    """
    head = re.compile(rf"(?:async\s+def|def|class)\s+{re.escape(variant)}\b")
    for file in (*([root / home] if home else ()), *_modules(root)):
        lines = _lines(root, file)
        for number, text in enumerate(lines):
            if head.match(text):
                first = _with_decorators(lines, number)
                return {
                    "file": os.path.relpath(file, root),
                    "line": first + 1,
                    "text": "\n".join(lines[first : _end(lines, number)]),
                }
    return None


def _modules(root: Path) -> Iterator[Path]:
    for directory in _SEARCHED:
        yield from sorted((root / directory).rglob("*.py"))


def _with_decorators(lines: list[str], number: int) -> int:
    while number > 0 and lines[number - 1].startswith("@"):
        number -= 1
    return number


def _end(lines: list[str], number: int) -> int:
    """After the last line of the block that begins at `number`."""
    end = number + 1
    for at in range(number + 1, min(len(lines), number + _MOST_LINES)):
        text = lines[at]
        if text.strip() and not text[0].isspace() and text[0] not in ")]}":
            break
        if text.strip():
            end = at + 1
    return end


def _lines(root: Path, file: Path) -> list[str]:
    try:
        whole = file.resolve(strict=True)
        if not whole.is_relative_to(root.resolve()) or whole.suffix != ".py" or whole.stat().st_size > _LARGEST:
            return []
        return whole.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
