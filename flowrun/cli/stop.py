"""flowrun stop: ends a run from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..jobs.address import is_address
from ..plaintext import quoted
from ..project_root import directory_option
from .output import Output
from .past_runs import counts_text, history_options, opened_history, run_record, state_text
from .printable import harmless, near

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import RunRow

_MOST = 100


@click.command("stop")
@click.argument("run", required=False)
@click.option("--now", is_flag=True, help="Kill its tasks, as a second Ctrl-C does.")
@history_options
@click.pass_obj
def command(output: Output, /, run: str | None, now: bool, is_json: bool, directory: Path | None) -> int:
    """Ask RUN to end, as Ctrl-C does, wait for that, and say how it ended. It can be continued.

    RUN is the beginning of its id, or @last; it may be left out if only one runs. Its tasks have the grace time of the
    job; `flowrun stop RUN --now` meanwhile kills them.
    """
    from ..history.stopping import stop

    history = opened_history(directory, output)
    row = history.run(history.resolve(run)) if run is not None else _the_only_one(history)
    process = stop(history, row, now=now)
    if not is_json:
        output.say(f"stopping run {row.id} of {harmless(row.job, 100)}, process {process.pid}")
    process.wait()
    history.refresh()
    ended = history.run(row.id)
    record = {"version": 1, **run_record(ended)}
    output.result(json.dumps(record, indent=2) if is_json else _text(ended, history.root, output))
    return 0


def _the_only_one(history: History) -> RunRow:
    running = history.runs(state="running", limit=_MOST).runs
    if not running:
        raise UsageError("no run is running; `flowrun runs` lists what there is")
    if len(running) > 1:
        named = ", ".join(f"{run.id} ({run.job})" for run in running[:12])
        raise UsageError(f"several runs are running, name one: {named}")
    return running[0]


def _text(run: RunRow, root: Path, output: Output) -> str:
    status = f" with status {run.exit_status}" if run.exit_status is not None else ""
    text = f"{state_text(run, output)}   run {run.id} of {harmless(run.job, 100)} ended{status}   {counts_text(run)}"
    if run.state != "completed" and (job := _job_from_here(run.file, root)):
        where = directory_option(root, Path.cwd())
        text += f"\n  continue     flowrun{where} -j {quoted(job)} -r {run.id}"
    return text.rstrip()


def _job_from_here(named: str, root: Path) -> str:
    """A file of the project from the current directory, or a job in Python; empty for what cannot be named."""
    if (root / named).is_file():
        return near(str(root / named))
    return named if is_address(named) else ""
