"""flowrun explain: what an error code, a key of the job file, a class, or a task of a job is."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..error_codes import ERROR_CODES, ErrorCode
from .output import Output
from .printable import harmless
from .project import discovered, project_options

if TYPE_CHECKING:
    from .class_table import ClassRow
    from .key_table import KeyRow
    from .task_page import TaskPage


@click.command("explain")
@click.argument("subject")
@click.argument("task", required=False)
@project_options
@click.option("--json", "is_json", is_flag=True, help="Write the explanation as JSON.")
@click.pass_obj
def command(output: Output, /, subject: str, task: str | None, is_json: bool, **given: Any) -> int:
    """Explain SUBJECT: an error code (FR104), a key (tasks.*.timeout, config), or a class (FileLogger).

    With -j, SUBJECT may be a task of the job: what it waits for, and why. With TASK, SUBJECT is a run, such as @last:
    why the task waited, ran, was left out, or ran again.
    """
    if task is not None:
        return _explain_past(output, subject, task, given["directory"], is_json=is_json)
    kind, found, text = _explanation(subject, given)
    output.result(json.dumps({"version": 1, "kind": kind, "found": found}, indent=2) if is_json else text)
    return 0


def _explain_past(output: Output, run: str, task: str, directory: Path | None, *, is_json: bool) -> int:
    from .past_runs import opened_history
    from .task_story import TaskStory

    history = opened_history(directory, output)
    story = TaskStory(history, history.resolve(run), task)
    output.result(
        json.dumps({"version": 1, "kind": "past task", **story.record()}, indent=2) if is_json else story.text()
    )
    return 0


def _explanation(subject: str, given: dict[str, Any]) -> tuple[str, list[dict[str, Any]], str]:
    """What kind of thing it is, as records and as text. Raises a usage error for what nobody knows."""
    code = ERROR_CODES.get(subject.upper())
    if code is not None:
        return "code", [asdict(code)], code_text(code)
    from .key_table import rows_for

    if rows := rows_for(subject):
        return "key", [asdict(row) for row in rows], "\n\n".join(map(_key_text, rows))
    from .class_table import KINDS, class_rows

    if given["job"] is not None and (page := _task_page(subject, given)) is not None:
        return "task", [page.record()], page.text()
    discovery = discovered(given)
    classes = [row for kind in KINDS for row in class_rows(kind, discovery)]
    if found := [row for row in classes if row.name == subject]:
        return "class", [asdict(row) for row in found], "\n\n".join(map(_class_text, found))
    raise click.UsageError(f"nothing is known of {subject!r}{_suggestion(subject, (row.name for row in classes))}")


def _task_page(subject: str, given: dict[str, Any]) -> TaskPage | None:
    from ..app import open_job
    from ..errors import DefinitionError
    from .options import source_of
    from .task_page import TaskPage

    try:
        job = open_job(source_of({**given, "named": None, "kind": "yaml", "variables": {}}))
    except DefinitionError:  # a job with mistakes is no hindrance to classes
        return None
    return TaskPage(job, subject) if subject in job.definition.tasks else None


def code_text(code: ErrorCode) -> str:
    """The page of one error code."""
    text = f"{code.code}: {code.title}\n\n{textwrap.fill(code.explanation, 88)}"
    if code.wrong:
        text += (
            f"\n\nwrong:\n\n{textwrap.indent(code.wrong, '    ')}\n\nright:\n\n{textwrap.indent(code.right, '    ')}"
        )
    return text


def _key_text(row: KeyRow) -> str:
    default = "required" if row.required else f"default {row.default}" if row.default else "optional"
    return f"{row.path}\n  {row.takes}; {default}\n{textwrap.indent(textwrap.fill(row.meaning, 86), '  ')}".rstrip()


def _class_text(row: ClassRow) -> str:
    lines = [f"{harmless(row.name)}   {harmless(row.origin)}", f"  {harmless(row.description)}"]
    for parameter in row.parameters:
        value = "" if parameter.required else f" = {harmless(parameter.default, 80)}"
        lines.append(f"  - {harmless(parameter.name)}: {harmless(parameter.type, 100)}{value}")
        if parameter.description:
            lines.append(f"      {harmless(parameter.description, 300)}")
    lines += [f"  @ {harmless(key)}: {harmless(value, 80)}" for key, value in row.defaults.items()]
    return "\n".join(lines)


def _suggestion(subject: str, classes: Iterable[str]) -> str:
    from difflib import get_close_matches

    from .key_table import key_rows

    known = [
        *ERROR_CODES,
        *(row.path for row in key_rows()),
        *(row.path.rpartition(".")[2] for row in key_rows()),
        *classes,
    ]
    near = get_close_matches(subject, known, 1)
    return (
        f"; did you mean {near[0]!r}?"
        if near
        else "; it takes an error code, a key of the job file, a class, or with -j a task"
    )
