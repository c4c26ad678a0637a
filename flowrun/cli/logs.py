"""flowrun logs: shows what the tasks of a run have said, also while it goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..dataclass import dataclass
from .output import Output
from .past_runs import history_options, opened_history, read_since
from .printable import harmless, listed
from .run_log import RunLog, Wanted

if TYPE_CHECKING:
    from ..history.log_rows import LogLine
    from ..history.reader import History

_PAGE = 5000
_COLOURS = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow", "DEBUG": "dim"}


def read_pattern(_ctx: click.Context, _option: click.Parameter, given: str | None) -> re.Pattern[str] | None:
    """A regular expression of the command line."""
    try:
        return None if given is None else re.compile(given)
    except re.error as error:
        raise click.BadParameter(f"{given!r} is no regular expression: {error}") from None


@click.command("logs")
@click.argument("run", required=False)
@click.option("--task", "tasks", metavar="TASK", multiple=True, help="Only this task. May be repeated.")
@click.option("--attempt", type=int, metavar="N", help="Only this attempt.")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run is over.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N lines, of each run.")
@click.option("--grep", "pattern", metavar="REGEX", callback=read_pattern, help="Only lines in which this is found.")
@click.option("--since", metavar="TIME", callback=read_since, help="Only lines since then (10m, 2026-11-21T02:00).")
@click.option("--runs", type=click.IntRange(1, 10_000), metavar="N", help="Of the newest N runs, the newest last.")
@click.option("--job", metavar="JOB", help="With --runs: only runs of this job.")
@click.option("--raw", is_flag=True, help="Write the files as they are, one after the other.")
@history_options
@click.pass_obj
def command(
    output: Output,
    /,
    run: str | None,
    tasks: Sequence[str],
    attempt: int | None,
    follow: bool,
    tail: int | None,
    pattern: re.Pattern[str] | None,
    since: float | None,
    runs: int | None,
    job: str | None,
    raw: bool,
    is_json: bool,
    directory: Path | None,
) -> int:
    """Show what the tasks of a run have said, by time: the newest run, or the one that RUN names.

    With --runs N, that of several runs, one after the other; `--runs 50 --grep 'disk full'` finds where it was.
    """
    if runs is None and job is not None:
        raise click.UsageError("--job needs --runs N")
    if runs is not None and (run is not None or follow or raw):
        raise click.UsageError("--runs N cannot be used with a run, --follow or --raw")
    history, wanted = opened_history(directory, output), Wanted(tasks, attempt, pattern, since)
    pages = _Pages(output, is_json, has_task=len(tasks) != 1)
    if runs is not None:
        found = history.runs(job=job, limit=runs).runs
        if not found:
            output.say("no run is like this")
        for row in reversed(found):
            pages.write(_tail(RunLog(history, row.id, wanted).lines(), tail), row.id, has_run=True)
        return 0
    log = RunLog(history, _named(history, run, tasks), wanted)
    if raw:
        log.copy(output.result_bytes)
        return 0
    pages.write(_tail(log.lines(), tail), log.run)
    _tell_missing(output, log, may_come=follow)
    for lines in log.followed() if follow else ():
        pages.write(lines, log.run)
    return 0


def _named(history: History, run: str | None, tasks: Sequence[str]) -> str:
    """The id of the run that is meant. Raises UsageError if it is not known, or has not these tasks."""
    id_ = history.resolve(run or "@last")
    for task in tasks:
        history.task(id_, task)
    return id_


def _tail(lines: Iterable[LogLine], most: int | None) -> Iterable[LogLine]:
    if most is None:
        return lines
    from collections import deque

    return deque(lines, maxlen=most)


def _tell_missing(output: Output, log: RunLog, *, may_come: bool) -> None:
    if log.gone:
        output.say(f"the log of {listed(sorted(log.gone), 5)} was deleted")
    elif log.is_empty and not may_come:
        output.say(f"run {log.run} has no log: no task has said anything, or no `FileLogger` has written it")


@dataclass(frozen=True, slots=True)
class _Pages:
    """Writes lines, some thousands at a time."""

    output: Output
    is_json: bool
    has_task: bool
    """Each line says which task said it."""

    def write(self, lines: Iterable[LogLine], run: str, *, has_run: bool = False) -> None:
        """With `has_run`, the day and the id of the run are told, too."""
        from itertools import islice

        def show(line: LogLine) -> str:
            return _json_line(line, run) if self.is_json else self._text_line(line, run if has_run else "")

        rest = iter(lines)
        while page := list(islice(rest, _PAGE)):
            self.output.result("\n".join(map(show, page)))

    def _text_line(self, line: LogLine, run: str) -> str:
        form, named = ("%Y-%m-%d %H:%M:%S.%f", f" {run}") if run else ("%H:%M:%S.%f", "")
        at = datetime.fromtimestamp(line.at, UTC).astimezone().strftime(form)[:-3] + named
        task = f" {harmless(line.task, 60)} |" if self.has_task else ""
        colour = _COLOURS.get(line.severity)
        return f"{at}{task} {self.output.paint(line.message, colour) if colour else line.message}"


def _json_line(line: LogLine, run: str) -> str:
    return json.dumps({"run": run, **line.record()})
