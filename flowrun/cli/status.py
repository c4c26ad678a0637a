"""flowrun status: shows a run, task by task, also while it goes on."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from .job_history import history_of_job, opened_job
from .options import reading_options
from .output import Output
from .place_options import job_option
from .printable import harmless
from .run_page import RunPage

if TYPE_CHECKING:
    from ..history.reader import History

_LOOK_AGAIN_SECONDS = 0.5
_CLEAR = "\x1b[H\x1b[2J"


@click.command("status")
@click.argument("run", required=False)
@job_option("Only runs of this job, by file or name.")
@reading_options
@click.option("--watch", is_flag=True, help="Show it again whenever something has happened, until it is over.")
@click.option("--values", "has_values", is_flag=True, help="Show results and shared values; secrets are hidden.")
@click.option("--json", "is_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def command(output: Output, /, run: str | None, watch: bool, has_values: bool, is_json: bool, **given: Any) -> int:
    """Show the newest run, or the one that RUN names, task by task.

    RUN is the beginning of its id, @last, @last-good or @failed. A run that is not in the history is shown as its
    checkpointer keeps it.
    """
    history, job = history_of_job(given, output)
    try:
        id_ = history.resolve(run or "@last", job=job)
    except UsageError as error:
        return _show_kept(output, run, error, has_values=has_values, is_json=is_json, given=given)
    if watch:
        return _watch(output, history, id_, is_json=is_json)
    _show(output, history, id_, has_values=has_values, is_json=is_json)
    return 0


def _show(output: Output, history: History, run: str, *, has_values: bool, is_json: bool) -> None:
    page = RunPage(history.run(run), history.tasks(run), history.values(run) if has_values else None)
    output.result(json.dumps({"version": 1, **page.record()}, indent=2) if is_json else page.text(output))


def _watch(output: Output, history: History, run: str, *, is_json: bool) -> int:
    """Nothing tells readers that a run has written: they look again."""
    seen = -1
    while True:
        now = history.refresh()
        row = history.run(run)
        if now != seen or output.is_terminal:
            page = RunPage(row, history.tasks(run))
            if is_json:
                output.result(json.dumps({"version": 1, **page.record()}))
            else:
                output.result(f"{_CLEAR if output.is_terminal else ''}{page.text(output)}")
        if row.is_over:
            return 0
        seen = now
        time.sleep(_LOOK_AGAIN_SECONDS)


def _show_kept(
    output: Output, run: str | None, unknown: UsageError, *, has_values: bool, is_json: bool, given: dict[str, Any]
) -> int:
    """Show what a checkpointer keeps of a run that is not in the history; raises `unknown` if none does."""
    from .kept_runs import kept_runs
    from .kept_status import kept_record, kept_text, values_of

    job = opened_job(given) if given["job"] is not None else None
    kept = kept_runs(job, given["directory"])
    for notice in kept.notices:
        output.say(f"{output.paint('notice', 'yellow')}: {harmless(notice, 400)}")
    found = [one for one in kept.runs if job is None or one.name == job.name]
    chosen = [one for one in found if run in (None, "@last") or one.run_id.startswith(str(run))]
    if not chosen:
        if run in (None, "@last"):
            output.say("no run is in the history, and no unfinished run is kept")
            return 0
        raise unknown
    if has_values and job is None:
        job = opened_job(given)
    values = values_of(chosen[0], job) if has_values and job is not None else {}
    if is_json:
        output.result(json.dumps({"version": 1, **kept_record(chosen[0]), **values}, indent=2))
    else:
        output.result(kept_text(chosen[0], values, has_symbols=output.has_symbols))
    return 0
