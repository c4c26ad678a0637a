"""flowrun count: counts for the tasks of a running job that wait for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .kept_runs import chosen_run, kept_runs
from .options import reading_options, source_of
from .output import Output
from .place_options import job_option


@click.command("count")
@click.argument("name")
@click.argument("number", type=click.IntRange(min=1), default=1)
@job_option("The job, by file or name; without it, the newest run of the project is meant, whatever its job.")
@click.option("--run", "run_id", metavar="RUN", help="The run whose id begins with RUN, if not the newest.")
@reading_options
@click.pass_obj
def command(output: Output, /, name: str, number: int, run_id: str | None, **given: Any) -> int:
    """Count NUMBER (1) for NAME: tasks of the kind `Counter` that wait for it may complete."""
    from ..app import open_job
    from ..errors import NoCheckpointAvailableError
    from ..project_root import find_root
    from ..tally import Tally
    from ..values.file_store import FileStore

    job = None if given["job"] is None else open_job(source_of({**given, "named": None}))
    root = job.root if job is not None else (given["directory"] or find_root(None, Path.cwd())).resolve()
    runs = [one for one in kept_runs(job, given["directory"]).runs if job is None or one.name == job.name]
    if not runs:
        raise NoCheckpointAvailableError(
            "no job is running, and no unfinished run is kept: there is nothing to count for"
        )
    run = runs[0] if run_id is None else chosen_run(runs, run_id)
    left = Tally(FileStore(root, run.name, run.run_id).directory, name).add(number)
    output.result(f"counted {number} for {name!r} in run {run.run_id} of {run.name}; {left} not used yet")
    return 0
