"""Project root: the directory against which every relative path of a job is read."""

from __future__ import annotations

import os
import re
from pathlib import Path

_TABLE = rb"(?m)^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*flowrun[ \t]*[\].]"  # compiled only where there is a pyproject.toml


def find_root(job_file: Path | None, cwd: Path) -> Path:
    """The nearest directory above the job file that marks a project; else the job file's directory.

    A project is marked by `flowrun.toml`, by a table `[tool.flowrun]` in `pyproject.toml`, or by a directory `tasks`.
    Without a job file the search begins in `cwd`. Links are not followed: what counts is the path as it was given.
    """
    start = cwd if job_file is None else cwd / job_file.parent
    start = Path(os.path.abspath(start))
    return next((directory for directory in (start, *start.parents) if _is_marked(directory)), start)


def path_from_root(file: str | Path, root: Path) -> str:
    """The path of a file from the root, if it is below it, be it through a link; else from `/`. `root` has no links."""
    path = os.path.abspath(file)
    linked = path if path.startswith(f"{root}/") else os.path.realpath(file)
    return (linked if linked.startswith(f"{root}/") else path).removeprefix(f"{root}/")


def directory_option(root: Path, cwd: Path) -> str:
    """` -C ROOT` for a command that is given elsewhere than in the project; else empty."""
    from .plaintext import quoted

    return "" if os.path.realpath(find_root(None, cwd)) == os.path.realpath(root) else f" -C {quoted(str(root))}"


def _is_marked(directory: Path) -> bool:
    return (
        os.path.isfile(directory / "flowrun.toml")
        or os.path.isdir(directory / "tasks")
        or _has_table(directory / "pyproject.toml")
    )


def _has_table(file: Path) -> bool:
    if not os.path.isfile(file):
        return False
    try:
        return re.search(_TABLE, file.read_bytes()) is not None
    except OSError:
        return False
