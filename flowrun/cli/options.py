"""The options that say which job is meant, how it is read, and which of its tasks: the same for every command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .place_options import FILE, directory_option, job_option

if TYPE_CHECKING:
    from ..app import JobSource, RunRequest
    from ..job_library import JobLibrary

F = TypeVar("F", bound=Callable[..., Any])

_SUFFIXES = (".yaml", ".yml")


def reading_options(command: F) -> F:
    """Give a command the options that say how a job is read."""
    return _with(command, _READING_OPTIONS)


def job_options(command: F) -> F:
    """Give a command the options that name a job and say how it is read."""
    return _with(command, (*_NAMING_OPTIONS, *_READING_OPTIONS))


def selection_options(command: F) -> F:
    """Give a command the options that choose tasks, and `--restart`."""
    return _with(command, _SELECTION_OPTIONS)


def read_variables(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`KEY=VALUE` texts as a mapping; of the same key the last one counts. A text without `=` is a usage error."""
    variables = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not of the form KEY=VALUE")
        variables[name] = value
    return variables


def source_of(given: Mapping[str, Any]) -> JobSource:
    """Where the job is read from, by the options of `job_options`. Without a name, the project must have just one job.

    A job in Python is imported now.
    """
    from ..app import JobSource

    job, named, directory = given["job"], given["named"], given["directory"]
    if job and named:
        raise click.UsageError(f"two jobs were given, {job} and {named}: name one")
    chosen = job or named or only_job_in(*job_library(directory).project_directories)
    if ":" in chosen and (found := _in_python(chosen, given)) is not None:
        return found
    if chosen.endswith(".py") and given["kind"] == "yaml":
        raise click.UsageError(f"{chosen} is a file of Python: a job in it is named as well, as in `-j {chosen}:job`")
    if is_name(chosen):
        job = job_library(directory).named(chosen)
        chosen = str(job.path)
        if not job.is_of_project:  # what it does, it does in the project that is here
            directory = directory or project_root()
    stdin = sys.stdin.buffer.read() if chosen == "-" else None
    return JobSource(chosen, root=directory, kind=given["kind"], variables=given["variables"], stdin=stdin)


def _in_python(named: str, given: Mapping[str, Any]) -> JobSource | None:
    from ..jobs.address import is_address, job_at

    if not is_address(named) or Path(named).exists():
        return None
    directory = given["directory"]
    job = job_at(named, directory or Path())
    return job.source(title=named, root=directory, variables=given["variables"])


def request_of(given: Mapping[str, Any], **more: Any) -> RunRequest:
    """What to run, by the options of `job_options` and `selection_options`; `more` goes to the request as it is."""
    from ..app import RunRequest
    from ..engine.selection import Selection

    given = job_beside_restart(given)
    restart = False if given["restart"] is None else given["restart"] or True
    if given["rerun_changed"] and restart is False:
        raise click.UsageError("--rerun-changed tells what a restart runs again: it needs -r")
    selection = Selection(**{f.name: given[f.name] for f in fields(Selection)})
    return RunRequest(
        source_of(given),
        restart=restart,
        selection=selection,
        rerun_changed=given["rerun_changed"],
        force="" in given["force"] or given["force"],
        verify=given["verify"],
        **more,
    )


def job_beside_restart(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options as they were meant: `-r JOB` names a job and no run, for a run id has no dot, slash or colon."""
    restart = given["restart"] or ""
    if any(sign in restart for sign in "./:") and not (given["job"] or given["named"]):
        return {**given, "named": restart, "restart": ""}
    return given


def is_name(text: str) -> bool:
    """Whether a job is named and not its path: a name has no slash and no dot, and there is no file of this name."""
    return not any(sign in text for sign in "/.") and text != "-" and not os.path.exists(text)


def job_library(directory: Path | None) -> JobLibrary:
    """The jobs that have names, seen from a project root or from the current directory."""
    from ..job_library import JobLibrary

    return JobLibrary(directory or project_root(), os.environ)


def project_root() -> Path:
    """The root of the project that the current directory is in, as a short path."""
    from ..project_root import find_root

    return Path(os.path.relpath(find_root(None, Path.cwd())))


def only_job_in(*directories: Path) -> str:
    """The only job file of some directories. None, or several, are a usage error that says what to do."""
    found = [file for directory in directories for file in _job_files_in(directory)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError("no job was given: name its file, as in `flowrun -j job.yaml`")
    there = " and ".join(f"{directory}/" for directory in dict.fromkeys(Path(file).parent for file in found))
    raise click.UsageError(f"no job was given, and there are several in {there}; name one: {', '.join(found[:8])}")


def job_files(named: Iterable[str]) -> list[str]:
    """Files as they are, and for each directory the job files in it. An empty directory is a usage error."""
    files = []
    for name in named:
        if not Path(name).is_dir():
            files.append(name)
        elif found := list(_job_files_in(Path(name))):
            files += found
        else:
            raise click.UsageError(f"there is no job file (*.yaml) in {name}")
    return files


def _job_files_in(directory: Path) -> Iterator[str]:
    if directory.is_dir():
        yield from sorted(str(file) for file in directory.iterdir() if file.suffix in _SUFFIXES)


def _with(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


_NAMING_OPTIONS = (
    click.argument("named", type=FILE, metavar="[JOB]", required=False),
    job_option("The job file, or the name of a job; `-` reads standard input."),
)

_READING_OPTIONS = (
    click.option("-t", "--type", "kind", metavar="KEY", default="yaml", show_default=True, help="Format of the job."),
    directory_option("Project root: where tasks/ lies and relative paths of the job begin."),
    click.option(
        "--var",
        "variables",
        metavar="KEY=VALUE",
        multiple=True,
        callback=read_variables,
        help="Value of $VAR{KEY}. May be repeated.",
    ),
)

_SELECTION_OPTIONS = (
    click.option(
        "-r",
        "--restart",
        metavar="[RUN]",
        is_flag=False,
        flag_value="",
        help="Continue the last unfinished run, or the one whose id begins with RUN.",
    ),
    click.option("--rerun-changed", is_flag=True, help="In a restart: run finished tasks again that have changed."),
    click.option("--only", metavar="TASK", multiple=True, help="Run just this task."),
    click.option("--from", "start_from", metavar="TASK", multiple=True, help="Run this task and all after it again."),
    click.option("--downstream", metavar="TASK", multiple=True, help="Run all tasks after this one again."),
    click.option("--mark-completed", metavar="TASK", multiple=True, help="Take this task as completed."),
    click.option("--skip", metavar="TASK", multiple=True, help="Leave this task out; its dependents go on."),
    click.option("--run-to", metavar="TASK", multiple=True, help="Run this task and what it needs."),
    click.option("--run-from", metavar="TASK", multiple=True, help="Run this task and what follows it."),
    click.option(
        "--force",
        metavar="[TASK]",
        is_flag=False,
        flag_value="",
        multiple=True,
        help="Run this task, or all, even if it is up to date. May be repeated.",
    ),
    click.option("--verify", is_flag=True, help="Run what is up to date too; fail if it makes something else."),
)
