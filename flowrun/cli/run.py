"""flowrun run: performs a job."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from .options import job_beside_restart, job_options, read_variables, request_of, selection_options
from .output import Output

_OUTPUTS = ("auto", "live", "lines", "grouped", "prefixed", "quiet", "json")

_FILE = click.Path(dir_okay=False, path_type=Path)


def read_seconds(_ctx: click.Context, _option: click.Parameter, given: str | None) -> float | None:
    """A duration of the command line, such as `90s` or `2h`, in seconds."""
    if given is None:
        return None
    from ..jobdefinition.quantities import seconds

    try:
        value = float(seconds(given))
    except ValueError:
        raise click.BadParameter(f"{given!r} is not a duration such as 90, 90s or 2h") from None
    if not 0 < value < float("inf"):
        raise click.BadParameter("it must be longer than 0 seconds")
    return value


@click.command("run")
@job_options
@selection_options
@click.option("-y", "--yes", is_flag=True, help="Go on without a question.")
@click.option("--no-input", is_flag=True, help="Never ask; the same as --yes.")
@click.option("--max-concurrency", type=int, metavar="N", help="At most N tasks at a time; 0: no limit.")
@click.option("--fail-fast/--keep-going", default=None, help="Stop the job at the first failure, or go on.")
@click.option("--deadline", metavar="TIME", callback=read_seconds, help="Stop the job after this time (90s, 2h).")
@click.option(
    "--on-overlap",
    type=click.Choice(["refuse", "skip", "wait", "allow"]),
    help="What to do if the job is already running.",
)
@click.option(
    "--output",
    "form",
    type=click.Choice(_OUTPUTS),
    default="auto",
    help="How the run is shown: auto is live on a terminal, grouped in CI, and lines elsewhere.",
)
@click.option(
    "--show-logs",
    type=click.Choice(["failed", "all", "none"]),
    default="failed",
    show_default=True,
    help="Whose output is shown: the last lines of what failed, everything, nothing.",
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Use of colours.")
@click.option(
    "--ci",
    type=click.Choice(["auto", "github", "gitlab", "none"]),
    default="auto",
    help="Whose folds and marks.",
)
@click.option("--junit", type=_FILE, metavar="FILE", help="Write the report as JUnit XML.")
@click.option("--summary", type=_FILE, metavar="FILE", help="Write the report as Markdown.")
@click.option(
    "--label",
    "labels",
    metavar="KEY=VALUE",
    multiple=True,
    callback=read_variables,
    help="By what `flowrun runs` can find the run. May be repeated.",
)
@click.option("--history/--no-history", default=None, help="Whether the run is written into the history.")
@click.option("--trigger", metavar="WORD", help="Who starts the run, for the history.")
@click.option("-d", "--debug", is_flag=True, help="Show every transition of every task.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless the job fails; the same as --output quiet.")
@click.option("-v", "--verbose", is_flag=True, help="Say which files are read, and which tasks took longest.")
@click.option("--log-format", type=click.Choice(["human", "json"]), help="Write flowrun's own log, in this form.")
@click.pass_obj
def command(output: Output, /, **given: Any) -> int:
    """Run a job. Without JOB and -j, the only file in jobs/ is taken.

    FLOWRUN_LOG=debug (info, warning) writes flowrun's own log to stderr.
    """
    from ..app import open_job, run_job
    from ..executors.capture import attempts_heard
    from .run_view import RunView, annotated
    from .stops import finish_in_peace

    output.choose_colour(given["color"])
    request = request_of(
        given,
        max_concurrency=given["max_concurrency"],
        fail_fast=given["fail_fast"],
        on_overlap=given["on_overlap"],
        deadline=given["deadline"],
        history=given["history"],
        labels=given["labels"],
        trigger=given["trigger"] or ("person" if output.can_ask else "program"),
    )
    with attempts_heard(), annotated(given["ci"], output):
        if request.restart:
            from .taken_up_text import continued

            request = continued(request, output, is_told=not given["quiet"] and given["form"] != "quiet")
        view = RunView(job_beside_restart(given), output, open_job(request.source))
        view.open()
        request = replace(request, source=view.job, named=request.job_name)
        gc.freeze()
        gc.enable()  # tasks have it as in any Python program
        report = run_job(request, listeners=view.listeners(), confirm=view.confirm, when_over=view.tell_over)
    finish_in_peace()
    view.close(report)
    return report.exit_status
