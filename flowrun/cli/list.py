"""flowrun list: shows the classes that a job of this project can name, and the jobs that have names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .class_table import KINDS, ClassRow, class_rows
from .job_table import LIBRARY_KINDS
from .output import Output
from .printable import harmless
from .project import discovered, project_options


@click.command("list")
@click.argument("kinds", nargs=-1, type=click.Choice((*KINDS, *LIBRARY_KINDS)), metavar="[KIND]...")
@project_options
@click.option("--json", "is_json", is_flag=True, help="Write the list as JSON.")
@click.pass_obj
def command(output: Output, /, kinds: Sequence[str], is_json: bool, **given: Any) -> int:
    """List the classes that a job can name, with their parameters and where each was found.

    KIND is one of tasks, loggers, extensions, checkpointers, executors, secrets; without it, all of them.
    `jobs` are the jobs that have names, and `paths` the directories in which names are looked up, the first one first.
    """
    if asked := [kind for kind in kinds if kind in LIBRARY_KINDS]:
        if len(asked) < len(kinds):
            raise click.UsageError("`jobs` and `paths` are listed without other kinds")
        return _list_library(asked, given["directory"], output, is_json=is_json)
    discovery = discovered(given)
    tables = {kind: class_rows(kind, discovery) for kind in kinds or KINDS}
    if is_json:
        output.result(
            json.dumps({"version": 1, **{kind: [asdict(r) for r in rows] for kind, rows in tables.items()}}, indent=2)
        )
    else:
        output.result("\n\n".join(_text(kind, rows) for kind, rows in tables.items()))
    for module in discovery.broken:
        output.say(f"{output.paint('warning', 'yellow')}: {harmless(discovery.shown(module.file))} cannot be imported")
        place = discovery.shown(module.place.file)
        output.say(
            f"  {output.paint('-->', 'blue')} {harmless(place)}:{module.place.line}  {harmless(module.error, 300)}"
        )
    return 0


def _list_library(kinds: Sequence[str], directory: Path | None, output: Output, *, is_json: bool) -> int:
    from .job_table import library_records, library_text
    from .options import job_library

    library = job_library(directory)
    if is_json:
        records = {kind: library_records(kind, library) for kind in kinds}
        output.result(json.dumps({"version": 1, **records}, indent=2))
    else:
        output.result("\n\n".join(library_text(kind, library) for kind in kinds))
    return 0


def _text(kind: str, rows: Sequence[ClassRow]) -> str:
    lines = [kind]
    for row in rows:
        lines.append(f"  {harmless(row.name)}   {harmless(row.origin)}")
        if row.description:
            lines.append(f"      {harmless(row.description, 200)}")
        for parameter in row.parameters:
            value = "" if parameter.required else f" = {harmless(parameter.default, 80)}"
            lines.append(f"      - {harmless(parameter.name)}: {harmless(parameter.type, 100)}{value}")
        for key, value in row.defaults.items():
            lines.append(f"      @ {harmless(key)}: {harmless(value, 80)}")
    return "\n".join(lines if rows else [*lines, "  none"])
