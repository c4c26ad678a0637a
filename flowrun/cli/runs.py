"""flowrun runs: lists the runs of the history."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..duration import duration
from .output import Output
from .past_runs import (
    cause_text,
    counts_text,
    history_options,
    moment,
    opened_history,
    read_since,
    run_record,
    state_text,
)
from .printable import columns, harmless

if TYPE_CHECKING:
    from ..history.rows import RunPage, RunRow

_FORMATS = ("text", "json", "jsonl", "csv")
_COLUMNS = ("run", "job", "state", "started", "ended", "seconds", "exit_status", "root_cause", "message", "trigger")


@click.command("runs")
@click.option("-j", "--job", metavar="NAME", help="Only runs of this job, by its name.")
@click.option("--state", metavar="STATE", help="Only runs that are running, completed, failed, stopped or interrupted.")
@click.option("--since", metavar="TIME", callback=read_since, help="Only runs that began since then (7d, 2026-11-21).")
@click.option("--label", metavar="KEY[=VALUE]", help="Only runs with this label.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@click.option("--cursor", metavar="CURSOR", help="Go on after the last run of a list; `next` in its JSON.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How they are written.")
@history_options
@click.pass_obj
def command(
    output: Output,
    /,
    job: str | None,
    state: str | None,
    since: float | None,
    label: str | None,
    limit: int,
    cursor: str | None,
    form: str,
    is_json: bool,
    directory: Path | None,
) -> int:
    """List runs, the newest first, those that run now among them."""
    history = opened_history(directory, output)
    page = history.runs(job=job, state=state, since=since, label=label, limit=limit, cursor=cursor)
    if is_json or form == "json":
        whole = {"version": 1, "runs": [run_record(run) for run in page.runs], "next": page.next}
        output.result(json.dumps(whole, indent=2))
    elif not page.runs:
        none = f"no run is in the history of {harmless(history.root, 300)}; -C names another project"
        output.say(none if _is_all(job, state, since, label) else "no run is like this")
    elif form == "jsonl":
        output.result("\n".join(json.dumps(run_record(run)) for run in page.runs))
    elif form == "csv":
        output.result(_csv(page.runs))
    else:
        output.result(_table(page, output))
    return 0


def _is_all(*wishes: object) -> bool:
    return all(wish is None for wish in wishes)


def _csv(runs: Sequence[RunRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([run_record(run)[column] for column in _COLUMNS] for run in runs)
    return text.getvalue().rstrip("\n")


def _table(page: RunPage, output: Output) -> str:
    rows = [_cells(run, output) for run in page.runs]
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    lines = [
        "   ".join([*(cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    more = ["… and more: --limit shows them"] if page.next else []
    return "\n".join([line.rstrip() for line in [*lines, *more]])


def _cells(run: RunRow, output: Output) -> list[str]:
    told = [counts_text(run), cause_text(run, 80)]
    told += [" ".join(f"{harmless(key, 30)}={harmless(value, 60)}" for key, value in run.labels.items())]
    return [
        run.id,
        harmless(run.job, 60),
        state_text(run, output),
        moment(run.started),
        duration(run.seconds),
        "   ".join(filter(None, told)),
    ]
