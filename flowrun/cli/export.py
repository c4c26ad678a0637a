"""flowrun export: writes a job as one job file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .options import job_options, source_of
from .output import Output
from .printable import harmless

if TYPE_CHECKING:
    from ..app import JobSource


@click.command("export")
@job_options
@click.pass_obj
def command(output: Output, /, **given: Any) -> int:
    """Write a job, most of all one in Python (`module:job`), as one job file in YAML."""
    from ..app import open_job
    from ..jobdefinition.dump import dump

    source = source_of(given)
    loaded = open_job(source).loaded
    assert loaded.written is not None, "it was opened"
    output.result(dump(loaded.written, loaded.origins).rstrip("\n"))
    if names := _unregistered(source):
        listed = ", ".join(f"`{harmless(name)}`" for name in names)
        output.say(f"{output.paint('notice', 'yellow')}: a job file finds {listed} only with `@task` above")
    return 0


def _unregistered(source: JobSource) -> list[str]:
    """The functions and classes that are known to the job in Python only."""
    from ..task import tasks

    return [entry.name for entry in source.own.values() if all(other.target is not entry.target for other in tasks)]
