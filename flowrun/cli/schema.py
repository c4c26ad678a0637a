"""flowrun schema: writes the JSON Schema of job files, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..errors import StateError
from .output import Output
from .project import discovered, project_options


@click.command("schema")
@project_options
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.pass_obj
def command(output: Output, /, target: Path | None, **given: Any) -> int:
    """Write the JSON Schema of job files, with the parameters of the task classes of this project.

    Name the file in a job's first line, `# yaml-language-server: $schema=../.flowrun/schema.json`,
    or in the settings of the editor (`flowrun init` does).
    """
    from ..schema import job_schema

    text = json.dumps(job_schema(discovered(given)), indent=2)
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
