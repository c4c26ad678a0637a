"""flowrun spin: performs one task alone, with the inputs of a run or given ones."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from .options import job_options, read_variables, source_of
from .output import Output
from .printable import harmless

if TYPE_CHECKING:
    from ..alone import Alone
    from ..app import OpenJob
    from ..engine.report import Report


@click.command("spin")
@click.argument("task")
@job_options
@click.option(
    "--run",
    metavar="RUN",
    default="",
    help="Take results and shared values from this unfinished run; `@last`: the newest.",
)
@click.option(
    "--input",
    "inputs",
    metavar="KEY=VALUE",
    multiple=True,
    callback=read_variables,
    help="Value of a parameter: JSON, or else text. May be repeated.",
)
@click.option("--executor", metavar="NAME", default="", help="Perform it by this executor: process, thread, async, …")
@click.option("--pdb", "debugs", is_flag=True, help="Open the debugger on the terminal where the task raises.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Use of colours.")
@click.pass_obj
def command(output: Output, /, task: str, **given: Any) -> int:
    """Perform TASK of a job once, alone and under no condition. What it prints is shown, then its result.

    Nothing is kept of it: an unfinished run stays as it is.
    """
    from ..alone import Wish, alone
    from ..app import open_job, run_job
    from ..executors.capture import attempts_heard
    from ..loggers.console import ConsoleLogger

    output.choose_colour(given["color"])
    if given["debugs"] and not sys.stdin.isatty():
        raise click.UsageError("--pdb needs a terminal")
    inputs = {name: _value(text) for name, text in given["inputs"].items()}
    with attempts_heard():
        job = open_job(source_of(given))
        wish = Wish(task, run=given["run"], inputs=inputs, executor=given["executor"], debugs=given["debugs"])
        asked = alone(job, wish, ConsoleLogger(color=given["color"]))
        try:
            return _told(run_job(asked.request), asked, job, output)
        finally:
            asked.store.remove()


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _told(report: Report, asked: Alone, job: OpenJob, output: Output) -> int:
    from ..values.plain_form import plain_form

    own, name = asked.ended(report), harmless(asked.task)
    if own.state.name != "COMPLETED":
        message = harmless(own.outcome.message, 2000) if own.outcome else ""
        output.say(f"{output.paint(own.state.name.lower(), 'red')} {name}   {message}")
        return 1 if report.signal is None else report.exit_status
    output.say(f"{output.paint('completed', 'green')} {name}")
    text = report.values.get(asked.base)
    if text is not None:
        shown = job.checked.secrets.mask.encoded(text) if job.checked.secrets else text
        output.result(json.dumps(asked.result(plain_form(shown)), indent=2, ensure_ascii=False))
    return 0
