"""flowrun new: writes the beginning of something that is not there yet."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from ..errors import UsageError
from ..plaintext import quoted
from .init import tell, write_new
from .output import Output
from .printable import harmless

_BESIDE = Path("..") / "flowrun" / "go_worker"
"""Where the Go module is expected if it is not known: in a copy of flowrun's repository beside the directory."""


@click.group("new", no_args_is_help=False)
def command() -> None:
    """Write the beginning of something that is not there yet. Files that exist are never touched."""


@command.command("go-worker")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--module", metavar="PATH", help="Path of the Go module; example.org/NAME if it is not given.")
@click.option(
    "--source",
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory go_worker of a copy of flowrun's repository.",
)
@click.pass_obj
def go_worker(output: Output, /, directory: Path, module: str | None, source: Path | None) -> int:
    """Write a worker in Go into DIRECTORY: a module with one task, its test, and a job that uses it."""
    from .go_scaffold import go_scaffold

    found = _beside_flowrun() if source is None else _checked(source)
    name = module or f"example.org/{_name(directory)}"
    if re.fullmatch(r"[A-Za-z0-9._~/-]+", name) is None:
        raise UsageError(f"--module: {harmless(name, 100)!r} is no path of a Go module; `example.org/name` is one")
    for file in go_scaffold(name, str(_BESIDE) if found is None else _from(directory, found)):
        tell(file, is_new=write_new(directory / file.path, file.text), output=output)
    if found is None:
        output.say(
            f"\nThe Go module of flowrun is not published yet: go.mod looks for it in {_BESIDE}; "
            "`--source DIR` names another place."
        )
    output.say(f"\nbuild it:   make -C {quoted(str(directory))}")
    return 0


def _beside_flowrun() -> Path | None:
    """The Go module in the repository in which this flowrun stands, if it stands in one."""
    import flowrun

    found = Path(flowrun.__file__).resolve().parents[1] / "go_worker"
    return found if (found / "go.mod").is_file() else None


def _checked(source: Path) -> Path:
    if not (source / "go.mod").is_file():
        raise UsageError(
            f"--source: there is no go.mod in {source}; name the directory go_worker of flowrun's repository"
        )
    return source.resolve()


def _name(directory: Path) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", directory.resolve().name.lower()).strip("-") or "worker"


def _from(directory: Path, source: Path) -> str:
    """The way from one directory to the other, as go.mod wants it."""
    way = os.path.relpath(source, directory.resolve())
    way = way if way.startswith("..") else f"./{way}"
    return way if re.fullmatch(r"[\w./~@+-]+", way) else json.dumps(way, ensure_ascii=False)
