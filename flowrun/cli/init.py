"""flowrun init: writes a small project that runs at once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from ..errors import StateError
from .output import Output
from .printable import harmless
from .scaffold import SCAFFOLD, ScaffoldFile


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.pass_obj
def command(output: Output, /, directory: Path) -> int:
    """Write a small project into DIRECTORY (here, if it is not given). Files that exist are never touched."""
    for file in SCAFFOLD:
        tell(file, is_new=write_new(directory / file.path, file.text), output=output)
    schema = ScaffoldFile(".flowrun/schema.json", "knows the parameters; `flowrun schema -o` writes it anew", "")
    tell(schema, is_new=write_new(directory / schema.path, _schema(directory)), output=output)
    job = Path(os.path.normpath(directory / "jobs" / "hello.yaml"))
    output.say(f"\nrun it:   flowrun -j {harmless(job)}")
    return 0


def write_new(path: Path, text: str) -> bool:
    """Write a file, unless there is something of this name already. Raises StateError if it cannot be written."""
    if path.exists():
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StateError(f"cannot write {path}: {error.strerror}") from error
    return True


def _schema(directory: Path) -> str:
    from ..discovery import discover
    from ..schema import job_schema

    return json.dumps(job_schema(discover(directory.resolve())), indent=2) + "\n"


def tell(file: ScaffoldFile, *, is_new: bool, output: Output) -> None:
    """Say what a file is for, or that it was left as it is."""
    verb = output.paint("wrote", "green") if is_new else output.paint("kept ", "yellow")
    output.say(f"{verb} {file.path:<28} {file.purpose if is_new else 'it was there already'}")
