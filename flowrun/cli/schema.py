"""flowrun schema: writes the JSON Schema of job files, for editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import StateError
from .options import read_variables
from .output import Output
from .project import discovered, job_file, project_options

if TYPE_CHECKING:
    from ..discovery import Discovery


@click.command("schema")
@project_options
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.option(
    "--var",
    "variables",
    metavar="KEY=VALUE",
    multiple=True,
    callback=read_variables,
    help="Value of $VAR{KEY} of the job. May be repeated.",
)
@click.pass_obj
def command(output: Output, /, target: Path | None, **given: Any) -> int:
    """Write the JSON Schema of job files, with the parameters of the task classes of this project.

    Name the file in a job's first line, `# yaml-language-server: $schema=../.flowrun/schema.json`,
    or in the settings of the editor (`flowrun init` does). If a job is named, what workers elsewhere announce of its
    tasks is in it, too.
    """
    from ..schema import job_schema

    discovery = discovered(given)
    text = json.dumps(job_schema(discovery, _announced(given, discovery)), indent=2)
    if target is None:
        output.result(text)
        return 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise StateError(f"cannot write {target}: {error.strerror}") from error
    output.say(f"wrote {target}")
    return 0


def _announced(given: Mapping[str, Any], discovery: Discovery) -> Mapping[str, Mapping[str, Any]]:
    """What workers announce of the job that is named, if one is."""
    import os

    from ..assemble import JobSource, announced_schemas

    file = job_file(given)
    if file is None:
        return {}
    source = JobSource(file, root=discovery.root, variables=given["variables"])
    return announced_schemas(source, discovery, cwd=Path.cwd(), environ=os.environ)
