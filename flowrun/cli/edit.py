"""flowrun edit: opens a job in an editor; one that does not exist is begun."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from ..errors import UsageError
from ..job_library import JobLibrary
from .init import write_new
from .options import job_library
from .output import Output
from .place_options import directory_option
from .printable import harmless, near

_NEW = """\
# What is here, and how it is checked: flowrun list tasks · flowrun validate {name}
config:
  name: {name}

tasks:
  first:
    task: Hello        # a class or function of tasks/ with @task above it
    parameters: {{}}
"""


@click.command("edit")
@click.argument("name")
@click.option("--user", "is_users", is_flag=True, help="Among your own jobs, which every project can run.")
@directory_option("Project root; without it, the project of the current directory.")
@click.pass_obj
def command(output: Output, /, name: str, is_users: bool, directory: Path | None) -> int:
    """Open the job NAME in $VISUAL or $EDITOR. A new one is begun in the project, or with --user among your own.

    With --user, a job of the project or of a package that has this name is copied first.
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise UsageError(f"a job that has a name is meant, of letters, digits, `-` and `_`, and not {name!r}")
    if not output.can_ask:
        raise UsageError("an editor needs a terminal, and there is none here")
    path, text = _chosen(name, job_library(directory), is_users=is_users)
    if write_new(path, text):
        output.say(f"{output.paint('new', 'green')}: {near(str(path))}")
    return _open(path, output)


def _chosen(name: str, library: JobLibrary, *, is_users: bool) -> tuple[Path, str]:
    """The file, and what it begins with if it is new."""
    found = library.find(name)
    if not is_users:
        if found is None:
            return library.project_directories[0] / f"{name}.yaml", _NEW.format(name=name)
        if found.origin == "package":
            raise UsageError(
                f"job {name!r} belongs to package {found.package}; `flowrun edit {name} --user` makes a copy of it, "
                "which stands above it"
            )
        return found.path, ""
    own = next((job.path for job in library.jobs() if job.name == name and job.origin == "user"), None)
    text = _NEW.format(name=name) if found is None else found.path.read_text(encoding="utf-8")
    return own or library.user_directory / f"{name}.yaml", text


def _open(path: Path, output: Output) -> int:
    import shlex
    import subprocess

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        status = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
    except OSError as error:
        raise UsageError(f"the editor {editor!r} cannot be started: {error.strerror}; set $EDITOR") from error
    if status:
        output.say(f"{output.paint('error', 'red')}: the editor {harmless(editor)} ended with status {status}")
    return 1 if status else 0
