"""flowrun validate: checks job files without running them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from ..errors import DefinitionError
from ..problem import Problem
from .carets import problems_text
from .finding import Finding, find, find_unimported
from .github import of_problem
from .options import job_files, job_library, only_job_in, reading_options
from .output import Output
from .printable import harmless
from .problem_record import problem_record

_MOST_ANNOTATIONS = 20


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
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="For people, for programs, as annotations of a GitHub workflow, or for code hosts.",
)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--no-import", is_flag=True, help="Import nothing: classes and their parameters are not checked.")
@click.pass_obj
def command(output: Output, /, files: Sequence[str], jobs: Sequence[str], form: str, **given: Any) -> int:
    """Check job files, directories of them, or standard input (`-`). Nothing is run.

    Ends with status 3 if anything is wrong.
    """
    named = [*jobs, *files] or [only_job_in(*job_library(given["directory"]).project_directories)]
    look = find_unimported if given["no_import"] else find
    findings = [look({**given, "job": file, "named": None}) for file in job_files(named)]
    if given["strict"]:
        findings = [finding.strictly() for finding in findings]
    _say(findings, "json" if given["is_json"] else form, output)
    return DefinitionError.exit_status if any(finding.errors for finding in findings) else 0


def _say(findings: Sequence[Finding], form: str, output: Output) -> None:
    match form:
        case "json":
            output.result(_json(findings))
        case "github":
            _say_annotations(findings, output)
        case "sarif":
            from .sarif import sarif

            output.result(sarif(findings))
        case _:
            _say_text(findings, output)


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
        lines += [of_problem("error", problem) for problem in finding.errors]
        lines += [of_problem("warning", problem) for problem in finding.warnings]
    if len(lines) > _MOST_ANNOTATIONS:
        rest = len(lines) - _MOST_ANNOTATIONS
        lines = [*lines[:_MOST_ANNOTATIONS], f"::notice::{rest} more problems are not shown"]
    if lines:
        output.result("\n".join(lines))


def _json(findings: Sequence[Finding]) -> str:
    return json.dumps(
        {
            "version": 1,
            "valid": not any(finding.errors for finding in findings),
            "files": [
                {
                    "file": finding.file,
                    "tasks": finding.tasks,
                    "errors": [problem_record(problem) for problem in finding.errors],
                    "warnings": [problem_record(problem) for problem in finding.warnings],
                }
                for finding in findings
            ],
        },
        indent=2,
    )
