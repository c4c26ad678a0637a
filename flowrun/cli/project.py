"""The classes of a project, for commands that need no job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from .place_options import directory_option, job_option

if TYPE_CHECKING:
    from ..discovery import Discovery

F = TypeVar("F", bound=Callable[..., Any])


def project_options(command: F) -> F:
    """Give a command the options that name a project."""
    for option in reversed(_PROJECT_OPTIONS):
        command = option(command)
    return command


class Searched(NamedTuple):
    """Where the classes of a project are looked for."""

    root: Path
    directories: Sequence[str] = ()
    packages: Sequence[str] = ()


def discovered(given: Mapping[str, Any]) -> Discovery:
    """The classes below the project root and, if a job is named, in the directories and packages that it lists.

    A job with mistakes is no hindrance.
    """
    from ..discovery import discover

    return discover(*searched(given))


def searched(given: Mapping[str, Any]) -> Searched:
    """Where `discovered` looks."""
    import os

    from ..discovery import find_root
    from ..jobdefinition import Outside, load

    job = job_file(given)
    root = (given["directory"] or find_root(job, Path.cwd())).resolve()
    if job is None:
        return Searched(root)
    loaded = load(job, Outside(root, os.environ, given.get("variables", {})))
    if loaded.definition is None:
        return Searched(root)
    config = loaded.definition.config
    return Searched(root, config.extension_directories, config.extension_packages)


def job_file(given: Mapping[str, Any]) -> Path | None:
    """The file of the job that is named, if one is."""
    from .options import is_name, job_library

    named: str | None = given["job"]
    if named is None:
        return None
    if is_name(named):
        return job_library(given["directory"]).named(named).path
    if not Path(named).is_file():
        raise click.UsageError(f"there is no job file {named}")
    return Path(named)


_PROJECT_OPTIONS = (
    job_option("A job, by file or name, whose extension directories and packages are searched as well."),
    directory_option("Project root; without it, the project of the job or of the current directory."),
)
