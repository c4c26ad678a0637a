"""Which test cases are meant: their files, and an expression over their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ..testing.case_file import SUFFIX


def case_files(named: Iterable[str], root: Path) -> list[Path]:
    """Files as they are, and those below directories; without any, those below `tests` of the project.

    None at all are a usage error.
    """
    places = list(map(Path, named)) or [root / "tests"]
    files = [file for place in places for file in (_below(place) if place.is_dir() else [place])]
    if not files or files == [root / "tests"]:
        where = ", ".join(map(str, places))
        raise click.UsageError(f"there is no file of test cases (*{SUFFIX}) in {where}")
    return files


def is_chosen(title: str, expression: str) -> bool:
    """Whether the title of a case fits `A or B and not C`: a word fits if it is a part of the title."""
    return not expression or any(
        all(_fits(title, word.strip()) for word in alternative.split(" and "))
        for alternative in expression.split(" or ")
    )


def _fits(title: str, word: str) -> bool:
    if word.startswith("not "):
        return not _fits(title, word.removeprefix("not ").strip())
    return word.lower() in title.lower()


def _below(directory: Path) -> Iterator[Path]:
    yield from sorted(directory.rglob(f"*{SUFFIX}"))
