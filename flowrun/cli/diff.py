"""flowrun diff: says what differs between two runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..duration import duration
from .differences import sections
from .output import Output
from .past_runs import cause_text, history_options, moment, opened_history
from .printable import harmless

if TYPE_CHECKING:
    from ..history.comparison import Comparison
    from ..history.reader import History
    from ..history.rows import RunRow

_LAST_GOOD = "@last-good"


@click.command("diff")
@click.argument("before", required=False, default=_LAST_GOOD)
@click.argument("after", required=False, default="@last")
@click.option("-j", "--job", metavar="NAME", help="The job of which @last and the like are runs.")
@history_options
@click.pass_obj
def command(output: Output, /, before: str, after: str, job: str | None, is_json: bool, directory: Path | None) -> int:
    """Say what differs between two runs: without names, between the last and the one that completed before it.

    It compares the definitions, labels, states of tasks, durations, results and shared values.
    """
    from ..history.comparison import compared

    history = opened_history(directory, output)
    newest = history.resolve(after, job=job)
    of_job = job or (history.run(newest).job if before.startswith("@") else None)
    found = compared(history, _compared_with(history, before, newest, of_job), newest)
    output.result(json.dumps({"version": 1, **found.record()}, indent=2) if is_json else "\n".join(_lines(found)))
    return 0


def _compared_with(history: History, before: str, after: str, job: str | None) -> str:
    """The run that is named; in place of the same run, the one that completed before it."""
    found = history.resolve(before, job=job)
    earlier = history.last_good_before(history.run(after)) if before == _LAST_GOOD and found == after else None
    return earlier.id if earlier is not None else found


def _lines(found: Comparison) -> Iterator[str]:
    yield f"- {_headline(found.before)}"
    yield f"+ {_headline(found.after)}"
    for title, lines in sections(found):
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
    if not found.differences:
        yield ""
        yield "nothing else differs" if found.before.id != found.after.id else "these are one and the same run"


def _headline(run: RunRow) -> str:
    cause = cause_text(run, 100)
    said = f"run {run.id} of {harmless(run.job, 60)}, {moment(run.started)}: {run.state} in {duration(run.seconds)}"
    return f"{said}   {cause}" if cause else said
