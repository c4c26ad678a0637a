"""Which files the patterns of a task mean."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from pathlib import Path

from ..dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Matched:
    """The files, as they are written from the project root, and the patterns for which there is none."""

    files: tuple[str, ...]
    missing: tuple[str, ...]
    """Those without a wildcard first."""


def matched(patterns: Iterable[str], root: Path) -> Matched:
    """The files that the patterns mean: one file, all files below a directory, or those that fit the wildcards.

    `*` and `?` stand within one step of a path, `**` for any number of directories; hidden files are named in full.
    """
    files: dict[str, None] = {}
    missing = []
    for pattern in patterns:
        found = sorted(_matching(pattern, root))
        files |= dict.fromkeys(found)
        if not found:
            missing.append(pattern)
    return Matched(tuple(files), tuple(sorted(missing, key=has_magic)))


def is_wild(pattern: str) -> bool:
    """There is a wildcard in it: it may mean no file at all."""
    return has_magic(pattern)


def _matching(pattern: str, root: Path) -> Iterator[str]:
    name = os.path.normpath(pattern)
    path = os.path.join(root, name)
    if os.path.isdir(path):
        yield from _below(name, root)
    elif os.path.lexists(path):
        yield name
    elif has_magic(pattern):
        for found in glob(name, root_dir=root, recursive=True):
            if not os.path.isdir(os.path.join(root, found)):
                yield found


def _below(name: str, root: Path) -> Iterator[str]:
    for directory, _directories, names in os.walk(os.path.join(root, name)):
        inside = os.path.relpath(directory, os.path.join(root, name))
        for one in names:
            yield os.path.normpath(os.path.join(name, inside, one))
