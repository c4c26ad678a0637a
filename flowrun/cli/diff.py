"""flowrun diff: says what differs between two runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..duration import duration
from .output import Output
from .past_runs import TASK_WORDS, cause_text, history_options, moment, opened_history
from .printable import harmless

if TYPE_CHECKING:
    from ..history.comparison import Comparison, Difference
    from ..history.reader import History
    from ..history.rows import RunRow

_LAST_GOOD = "@last-good"
_MOST = 50
"""So many differences of a kind are shown."""
_SECTIONS = (
    ("definition", ("definition",)),
    ("labels", ("label",)),
    ("states", ("state",)),
    ("durations", ("seconds",)),
    ("results", ("result",)),
    ("shared values", ("shared",)),
)


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
    for title, kinds in _SECTIONS:
        if differences := found.of(*kinds):
            yield ""
            yield title
            for difference in differences[:_MOST]:
                yield from _difference(difference)
            if (more := len(differences) - _MOST) > 0:
                yield f"  … and {more:,} more"
    if not found.differences:
        yield ""
        yield "nothing else differs" if found.before.id != found.after.id else "these are one and the same run"


def _headline(run: RunRow) -> str:
    cause = cause_text(run, 100)
    said = f"run {run.id} of {harmless(run.job, 60)}, {moment(run.started)}: {run.state} in {duration(run.seconds)}"
    return f"{said}   {cause}" if cause else said


def _difference(it: Difference) -> Iterator[str]:
    place = f"   {harmless(it.place, 200)}" if it.place else ""
    if it.kind == "seconds":
        yield f"  {harmless(it.name, 100)}   {duration(it.before)} → {duration(it.after)}"
    elif it.kind == "state":
        yield f"  {harmless(it.name, 100)}   {_state(it.before)} → {_state(it.after)}"
    else:
        yield f"  {harmless(it.name, 200)}{place}"
        yield from (f"    {sign} {_value(it, value)}" for sign, value in _sides(it))


def _sides(it: Difference) -> Iterator[tuple[str, Any]]:
    if it.before is not None:
        yield "-", it.before
    if it.after is not None:
        yield "+", it.after


def _state(state: str | None) -> str:
    return "not there" if state is None else TASK_WORDS[state]


def _value(it: Difference, value: Any) -> str:
    return harmless(value if it.kind in ("result", "shared") else json.dumps(value, ensure_ascii=False), 300)
