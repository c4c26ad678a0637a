"""flowrun test: runs test cases of jobs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import StateError, UsageError
from .case_choice import case_files, is_chosen
from .case_text import Verdict, cases_junit, failure_text
from .options import is_name, project_root, source_of
from .output import Output
from .place_options import directory_option
from .printable import harmless

if TYPE_CHECKING:
    from ..app import JobSource
    from ..testing.case import Case
    from ..testing.case_file import CaseFile


@click.command("test")
@click.argument("files", type=click.Path(readable=False), nargs=-1, metavar="[FILE|DIRECTORY]...")
@click.option(
    "-k", "expression", default="", metavar="EXPR", help="Only cases whose name fits, as in `load and not slow`."
)
@click.option(
    "--update", "is_updating", is_flag=True, help="Write what was found into the files, in place of what was expected."
)
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write JUnit XML.")
@directory_option("Project root; without it, the project of the current directory.")
@click.pass_obj
def command(
    output: Output,
    /,
    files: tuple[str, ...],
    expression: str,
    is_updating: bool,
    junit: Path | None,
    directory: Path | None,
) -> int:
    """Run the test cases in *.test.yaml files: those that are named, or all below tests/ of the project.

    Ends with 0 if everything is as expected, 1 if something is not, 3 if a file has mistakes.
    """
    from ..executors.capture import attempts_heard
    from ..testing.case_file import CaseFile

    found = [CaseFile(path, os.environ) for path in case_files(files, directory or project_root())]
    verdicts: list[Verdict] = []
    with attempts_heard():
        for file in found:
            verdicts += _performed(file, expression, directory, output)
    if not verdicts:
        raise click.UsageError(f"no case fits {expression!r}" if expression else "there is no case in these files")
    if junit is not None:
        _write(junit, cases_junit(verdicts))
    updated = _updated(found, verdicts, output) if is_updating else set()
    failed = sum(not verdict.is_passed and id(verdict) not in updated for verdict in verdicts)
    words = [f"{len(verdicts) - failed} passed", *([output.paint(f"{failed} failed", "red")] if failed else [])]
    output.say(", ".join(words))
    return 1 if failed else 0


def _performed(file: CaseFile, expression: str, directory: Path | None, output: Output) -> list[Verdict]:
    verdicts = []
    for name, case in file.cases.items():
        if is_chosen(f"{file.path} {name}", expression):
            verdict = _verdict(file, name, case, directory)
            verdicts.append(verdict)
            if verdict.is_passed:
                output.say(f"{output.paint('passed', 'green')}  {harmless(name, 200)}   {harmless(verdict.place)}")
            else:
                output.say(failure_text(verdict, output.paint))
    return verdicts


def _verdict(file: CaseFile, name: str, case: Case, directory: Path | None) -> Verdict:
    from ..testing.case_run import run_case

    path = ("cases", name)
    place, began = file.key_place(path), time.monotonic()
    try:
        found = run_case(case, _source(file, case, directory))
    except UsageError as error:
        return Verdict(name, place, time.monotonic() - began, error=str(error))
    placed = [(file.place((*path, "expect", *one.path)), one) for one in found]
    return Verdict(name, place, time.monotonic() - began, placed)


def _source(file: CaseFile, case: Case, directory: Path | None) -> JobSource:
    job = file.job if is_name(file.job) or ":" in file.job else os.path.normpath(file.path.parent / file.job)
    variables = {key: str(value) for key, value in case.vars.items()}
    return source_of({"job": job, "named": None, "directory": directory, "kind": "yaml", "variables": variables})


def _updated(files: list[CaseFile], verdicts: list[Verdict], output: Output) -> set[int]:
    """Write what was found; gives the verdicts of which everything could be written."""
    from ..testing.case_update import update

    done = set()
    for file in files:
        own = [verdict for verdict in verdicts if verdict.place.file == str(file.path) and verdict.differences]
        changes = {
            ("cases", verdict.title, "expect", *one.path): one.found
            for verdict in own
            for _, one in verdict.differences
        }
        if count := update(file, changes.items()):
            output.say(f"updated {harmless(file.path)}: {count} {'value' if count == 1 else 'values'}")
        for verdict in own:
            paths = [("cases", verdict.title, "expect", *one.path) for _, one in verdict.differences]
            if all(file.node(path) is not None for path in paths):
                done.add(id(verdict))
    return done


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StateError(f"cannot write {path}: {error.strerror}") from error
