"""flowrun validate: checks job files without running them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..errors import DefinitionError
from ..problem import Place, Problem
from .carets import problems_text
from .options import job_files, only_job_in, reading_options, source_of
from .output import Output
from .printable import harmless

_MOST_ANNOTATIONS = 20


@dataclass(frozen=True)
class Finding:
    """What is to be said about one job file."""

    file: str
    tasks: int = 0
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@click.command("validate")
@click.argument("files", type=click.Path(readable=False), nargs=-1, metavar="[FILE|DIRECTORY]...")
@click.option(
    "-j",
    "--job",
    "--jobdef",
    "jobs",
    type=click.Path(readable=False),
    metavar="FILE",
    multiple=True,
    help="A job file; `-` is stdin.",
)
@reading_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as annotations of a GitHub workflow.",
)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_obj
def command(
    output: Output, /, files: Sequence[str], jobs: Sequence[str], form: str, is_json: bool, strict: bool, **given: Any
) -> int:
    """Check job files, directories of them, or standard input (`-`). Nothing is run.

    Ends with status 3 if anything is wrong.
    """
    named = [*jobs, *files] or [only_job_in((given["directory"] or Path()) / "jobs")]
    findings = [find({**given, "job": file, "named": None}, strict=strict) for file in job_files(named)]
    if is_json or form == "json":
        output.result(_json(findings))
    elif form == "github":
        _say_annotations(findings, output)
    else:
        _say_text(findings, output)
    return DefinitionError.exit_status if any(finding.errors for finding in findings) else 0


def find(given: dict[str, Any], *, strict: bool) -> Finding:
    """Open a job and collect what is wrong with it. With `strict`, warnings are errors."""
    from ..app import open_job

    file = given["job"]
    try:
        job = open_job(source_of(given))
    except DefinitionError as error:
        return Finding(file, errors=error.problems or (Problem("FR101", str(error), Place(file)),))
    warnings = job.checked.warnings
    file, tasks = next(iter(job.loaded.files), file), len(job.definition.tasks)
    return Finding(file, tasks, errors=warnings) if strict else Finding(file, tasks, warnings=warnings)


def _say_text(findings: Sequence[Finding], output: Output) -> None:
    said: set[Problem] = set()
    for finding in findings:
        if finding.errors:
            output.say(problems_text(finding.errors, output.paint))
        if warnings := [warning for warning in finding.warnings if warning not in said]:
            output.say(problems_text(warnings, output.paint, "warning"))
            said.update(warnings)
        if not finding.errors:
            tasks = f"{finding.tasks} {'task' if finding.tasks == 1 else 'tasks'}"
            output.say(f"{output.paint('ok', 'green')} {harmless(finding.file)}: {tasks}")


def _say_annotations(findings: Sequence[Finding], output: Output) -> None:
    """Workflow commands, one line for each problem; GitHub itself shows only a few."""
    lines = []
    for finding in findings:
        lines += [_annotation("error", problem) for problem in finding.errors]
        lines += [_annotation("warning", problem) for problem in finding.warnings]
    if len(lines) > _MOST_ANNOTATIONS:
        rest = len(lines) - _MOST_ANNOTATIONS
        lines = [*lines[:_MOST_ANNOTATIONS], f"::notice::{rest} more problems are not shown"]
    if lines:
        output.result("\n".join(lines))


def _annotation(word: str, problem: Problem) -> str:
    place = problem.place
    where = f",line={place.line},col={max(place.column, 1)}" if place.line else ""
    message = problem.message + (f" ({problem.label})" if problem.label else "")
    return f"::{word} file={_property(place.file)}{where},title={problem.code}::{_data(harmless(message, 500))}"


def _data(text: str) -> str:
    return text.replace("%", "%25")


def _property(text: str) -> str:
    return _data(harmless(text, 300)).replace(":", "%3A").replace(",", "%2C")


def _json(findings: Sequence[Finding]) -> str:
    return json.dumps(
        {
            "version": 1,
            "valid": not any(finding.errors for finding in findings),
            "files": [
                {
                    "file": finding.file,
                    "tasks": finding.tasks,
                    "errors": [_record(problem) for problem in finding.errors],
                    "warnings": [_record(problem) for problem in finding.warnings],
                }
                for finding in findings
            ],
        },
        indent=2,
    )


def _record(problem: Problem) -> dict[str, object]:
    place = problem.place
    return {
        "code": problem.code,
        "message": problem.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "path": problem.path,
        "hint": problem.label,
        "notes": list(problem.notes),
    }
