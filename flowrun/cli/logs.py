"""flowrun logs: shows what the tasks of a run have said, also while it goes on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import Output
from .past_runs import history_options, opened_history, read_since
from .printable import harmless, listed

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import LogFile, LogLine

_LOOK_AGAIN_SECONDS = 0.3
_PAGE = 5000
_COLOURS = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow", "DEBUG": "dim"}

Wanted = Callable[["LogLine"], bool]


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
    history, is_wanted = opened_history(directory, output), _wanted(pattern, since)
    if runs is not None:
        for row in reversed(history.runs(job=job, limit=runs).runs):
            lines = RunLog(history, row.id, tasks, attempt).lines(is_wanted)
            show = _json_line(row.id) if is_json else _text_line(output, has_task=len(tasks) != 1, run=row.id)
            _write(output, _tail(lines, tail), show)
        return 0
    id_ = history.resolve(run or "@last")
    for task in tasks:
        history.task(id_, task)  # refuses one that is not there
    log = RunLog(history, id_, tasks, attempt)
    if raw:
        log.copy(output.result_bytes)
        return 0
    show = _json_line(id_) if is_json else _text_line(output, has_task=len(tasks) != 1)
    _write(output, _tail(log.lines(is_wanted), tail), show)
    if log.gone:
        output.say(f"the log of {listed(sorted(log.gone), 5)} was deleted")
    elif log.is_empty and not follow:
        output.say(f"run {id_} has no log: no task has said anything, or no `FileLogger` has written it")
    if follow:
        for lines in log.followed(is_wanted):
            _write(output, lines, show)
    return 0


class RunLog:
    """The log files of a run, each read up to some byte. Nothing tells readers that a task has spoken: they look."""

    def __init__(self, history: History, run: str, tasks: Sequence[str], attempt: int | None) -> None:
        self.gone: set[str] = set()
        """Tasks whose file was deleted."""
        self.is_empty = True
        self._history = history
        self._run = run
        self._tasks = tasks
        self._attempt = attempt
        self._read: dict[tuple[str, int], int] = {}
        """How far, by file and the byte at which an attempt begins in it."""

    def lines(self, is_wanted: Wanted) -> Iterator[LogLine]:
        """What is new, by time."""
        from ..history.log_pages import by_time, lines_from

        files = [file for file in self._history.log_files(self._run) if self._is_meant(file.task, file.attempt)]
        self.is_empty = not files
        self.gone = {file.task for file in files if not Path(file.path).exists()}

        def of(file: LogFile) -> Iterator[LogLine]:
            key = file.path, file.begin
            for line, end in lines_from(file, self._read.get(key, file.begin)):
                self._read[key] = end
                yield line

        return filter(is_wanted, by_time(files, of))

    def followed(self, is_wanted: Wanted) -> Iterator[Iterator[LogLine]]:
        """What is new, again and again until the run is over."""
        is_over = False
        while not is_over:
            self._history.refresh()
            is_over = self._history.run(self._run).is_over
            yield self.lines(is_wanted)
            if not is_over:
                time.sleep(_LOOK_AGAIN_SECONDS)

    def copy(self, write: Callable[[bytes], None]) -> None:
        """Give the bytes of the files."""
        from ..history.log_pages import bytes_of

        for file in self._history.log_files(self._run):
            if self._is_meant(file.task, file.attempt):
                for piece in bytes_of(file):
                    write(piece)

    def _is_meant(self, task: str, attempt: int) -> bool:
        return (not self._tasks or task in self._tasks) and self._attempt in (None, attempt)


def _wanted(pattern: re.Pattern[str] | None, since: float | None) -> Wanted:
    return lambda line: line.at >= (since or 0.0) and (pattern is None or pattern.search(line.message) is not None)


def _tail(lines: Iterator[LogLine], most: int | None) -> Iterable[LogLine]:
    if most is None:
        return lines
    from collections import deque

    return deque(lines, maxlen=most)


def _write(output: Output, lines: Iterable[LogLine], show: Callable[[LogLine], str]) -> None:
    from itertools import islice

    rest = iter(lines)
    while page := list(islice(rest, _PAGE)):
        output.result("\n".join(map(show, page)))


def _json_line(run: str) -> Callable[[LogLine], str]:
    return lambda line: json.dumps({"run": run, **line.record()})


def _text_line(output: Output, *, has_task: bool, run: str = "") -> Callable[[LogLine], str]:
    """With a run, the day and its id are told, too."""
    form, named = ("%Y-%m-%d %H:%M:%S.%f", f" {run}") if run else ("%H:%M:%S.%f", "")

    def show(line: LogLine) -> str:
        at = datetime.fromtimestamp(line.at, UTC).astimezone().strftime(form)[:-3] + named
        task = f" {harmless(line.task, 60)} |" if has_task else ""
        colour = _COLOURS.get(line.severity)
        return f"{at}{task} {output.paint(line.message, colour) if colour else line.message}"

    return show
