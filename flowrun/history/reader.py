"""History: what is known of the runs of a project, for everybody who looks at them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from ..errors import UsageError
from ..held import is_held_alone
from . import names, task_rows
from .database import Database, HistoryFullError, HistoryLockedError
from .definition import Definition, TaskNode
from .extent import Extent, extent_of, log_bytes_of
from .intake import Intake
from .log_rows import LogFile
from .outlook import Outlook
from .places import Places
from .progress import Advance, advances, advances_under_way, last_change
from .rows import AttemptRow, EventRow, JobSummary, RunPage, RunRow, StartRow, TaskRow, TrendPoint, ValueRow
from .run_rows import RunRows
from .search import FoundTask, run_numbers, tasks_named
from .summaries import job_summaries, trend_points

_READ = "what is shown is read into a copy, which is not kept"


class History:
    """The runs of one project. Any number of threads may read; each has a connection of its own.

    Every method raises StateError if `history.db` cannot be used, and UsageError for a name that is not known.
    """

    def __init__(self, root: Path, *, now: Callable[[], float] = time.time, busy_seconds: float = 5.0) -> None:
        """`root` is the project root. Nothing is opened before something is asked for."""
        self.root = root
        self.notices: list[str] = []
        """What a person should know about what is shown."""
        self._places = Places(root)
        self._now = now
        self._database = Database(self._places.database, busy_seconds=busy_seconds, may_copy=True)
        self._intake = Intake(self._places, self._database)
        self._taking = threading.Lock()
        self._outlook = Outlook(self._places)

    def refresh(self) -> int:
        """Take in what runs have written since; gives the highest sequence number of an event.

        If another process has locked the database, what was taken before is shown, and a notice says so.
        """
        with self._taking:
            try:
                self._take()
            except HistoryLockedError as error:
                self.notices = [f"what is shown may be old: {error}"]
            else:
                self.notices = list(self._remarks())
        with self._database.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    def _take(self) -> None:
        """Where there is no room left is not where nothing may be looked at any more."""
        try:
            self._intake.take()
        except HistoryFullError:
            if not self._database.leave_for_copy():
                raise
            self._intake.take()

    def _remarks(self) -> Iterator[str]:
        if self._database.is_copy:
            yield f"{self._places.state} cannot be written: {_READ}"
        if unreadable := self._intake.unreadable:
            more = f" and {len(unreadable) - 1} more" if len(unreadable) > 1 else ""
            yield f"what other users have left may not be read: {unreadable[0]}{more}"

    def close(self) -> None:
        """Close the connection of this thread."""
        self._database.close()

    def runs(
        self,
        *,
        job: str | None = None,
        state: str | None = None,
        since: float | None = None,
        label: str | Mapping[str, str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> RunPage:
        """Runs, the newest first; `label` is `KEY=VALUE`, `KEY`, or a mapping; `cursor` is the `next` of a page."""
        with self._database.reading() as connection:
            return self._rows(connection).page(
                job=job, state=state, since=since, label=label, limit=limit, cursor=cursor
            )

    def run(self, run: str) -> RunRow:
        """One run, by its whole id."""
        with self._database.reading() as connection:
            return self._rows(connection).run(self._number(connection, run))

    def resolve(self, name: str, *, job: str | None = None) -> str:
        """The id of the run that is named: an id, the unique beginning of one, `@last`, `@last-good` or `@failed`."""
        with self._database.reading() as connection:
            return names.resolved(connection, name, job)

    def last_good_before(self, run: RunRow) -> RunRow | None:
        """The newest run of the same job that completed and began before this one."""
        with self._database.reading() as connection:
            condition = "job = ? AND state = 'completed' AND started < ?"
            return next(self._rows(connection).where(condition, (run.job, run.started), 1), None)

    def runs_with(self, text: str, limit: int) -> list[RunRow]:
        """The newest runs whose id begins with a text, or that have it in their job, a label or their message."""
        with self._database.reading() as connection:
            return [self._rows(connection).run(number) for number in run_numbers(connection, text, limit)]

    def tasks_with(self, text: str, limit: int) -> list[FoundTask]:
        """The tasks of every job that have a text in their name."""
        with self._database.reading() as connection:
            return tasks_named(connection, text, limit)

    def starts(self, run: str) -> list[StartRow]:
        """The processes that performed a run: the first, and those that continued it."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT number, started, ended, exit_status, ending, pid, host, user, version, trigger, arguments "
                "FROM starts WHERE run = ? ORDER BY number",
                (self._number(connection, run),),
            )
            return [StartRow(*(*row[:-1], json.loads(row[-1]))) for row in found]

    def process(self, run: str) -> tuple[int, str] | None:
        """The number and the birth, in clock ticks since boot, of the process of a run; None if it is gone."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT starts.pid, birth, name FROM starts JOIN spools ON spools.run = starts.run AND start = number "
                "WHERE starts.run = ? ORDER BY number DESC LIMIT 1",
                (self._number(connection, run),),
            ).fetchone()
        return (found[0], found[1]) if found is not None and is_held_alone(self._places.spool / found[2]) else None

    def tasks(self, run: str, names: Collection[str] | None = None) -> list[TaskRow]:
        """The tasks of a run, or those with some names, in the order of the job."""
        with self._database.reading() as connection:
            number = self._number(connection, run)
            return task_rows.tasks_of(connection, number, self._now(), self._outlook, names)

    def task(self, run: str, task: str) -> TaskRow:
        """One task of a run."""
        found = self.tasks(run, [task])
        if not found:
            raise names.unknown_task(task, run, (row.name for row in self.tasks(run)))
        return found[0]

    def limits(self, run: str, task: str) -> Sequence[str]:
        """The limits of a run whose slots a task takes, besides that of all tasks: `pool db`, `group etl`."""
        with self._database.reading() as connection:
            course = self._outlook.course(connection, self._number(connection, run))
            return [limit for limit in course.limits.get(task, ()) if limit in course.slots]

    def attempts(self, run: str, task: str | None = None, *, names: Collection[str] | None = None) -> list[AttemptRow]:
        """The attempts of a task, of the tasks with some names, or of all, in the order in which they began."""
        chosen = [task] if task is not None else names
        with self._database.reading() as connection:
            return task_rows.attempts_of(connection, self._number(connection, run), self._now(), chosen)

    def advances(self, *, after: int, limit: int = 1000) -> list[Advance]:
        """What attempts of all runs have said last of how far they are, if that changed after the change `after`."""
        with self._database.reading() as connection:
            return advances(connection, after, limit)

    def advances_under_way(self, run: str) -> list[Advance]:
        """What the attempts of a run that go on have said last of how far they are."""
        with self._database.reading() as connection:
            return advances_under_way(connection, self._number(connection, run))

    def last_change(self) -> int:
        """The `change` of what was said last."""
        with self._database.reading() as connection:
            return last_change(connection)

    def events(self, run: str | None = None, *, after: int = 0, limit: int = 1000) -> list[EventRow]:
        """What happened, in order, from the sequence number that follows `after`; of one run, or of all."""
        with self._database.reading() as connection:
            number = None if run is None else self._number(connection, run)
            return task_rows.events_of(connection, number, after, limit)

    def last_events(self, run: str, limit: int) -> tuple[list[EventRow], int]:
        """What happened last in a run, in order, and how many events there were before."""
        with self._database.reading() as connection:
            return task_rows.last_events_of(connection, self._number(connection, run), limit)

    def graph(self, run: str) -> Definition | None:
        """The job definition of a run; None if it is not known."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT digest, tasks, merged, origins, files FROM definitions JOIN runs ON definition = digest "
                "WHERE number = ?",
                (self._number(connection, run),),
            ).fetchone()
        if found is None:
            return None
        tasks, merged, origins, files = map(json.loads, found[1:])
        return Definition(found[0], [_node(task) for task in tasks], merged, origins, files)

    def values(self, run: str) -> list[ValueRow]:
        """The results of a run, and the shared values that its tasks changed."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT kind, name, task, attempt, at, text, size, is_cut, is_deleted FROM run_values WHERE run = ? "
                "ORDER BY kind, at, name",
                (self._number(connection, run),),
            )
            return [ValueRow(*(*row[:-2], bool(row[-2]), bool(row[-1]))) for row in found]

    def log_files(self, run: str, task: str | None = None, attempt: int | None = None) -> list[LogFile]:
        """Where the output of attempts stands."""
        with self._database.reading() as connection:
            number = self._number(connection, run)
            return task_rows.log_files_of(connection, number, task, attempt, self.root)

    def log_count(self, run: str) -> int:
        """How many attempts of a run have begun to log."""
        with self._database.reading() as connection:
            question = "SELECT count(*) FROM log_positions WHERE run = ?"
            return int(connection.execute(question, (self._number(connection, run),)).fetchone()[0])

    def extent(self) -> Extent:
        """How many runs there are, and since when."""
        with self._database.reading() as connection:
            return extent_of(connection)

    def log_bytes(self) -> int:
        """The size of all log files that runs have left."""
        with self._database.reading() as connection:
            return log_bytes_of(connection, self.root)

    def jobs(self) -> list[JobSummary]:
        """Every job that ever ran, the one that ran last first."""
        with self._database.reading() as connection:
            return job_summaries(connection, self._rows(connection))

    def trends(self, job: str, task: str | None = None, *, limit: int = 100) -> list[TrendPoint]:
        """How the last runs of a job, or a task in them, went: the oldest first."""
        with self._database.reading() as connection:
            return trend_points(connection, self._rows(connection), job, task, limit)

    def _rows(self, connection: Connection) -> RunRows:
        return RunRows(connection, self._now(), self._outlook)

    def _number(self, connection: Connection, run: str) -> int:
        found = connection.execute("SELECT number FROM runs WHERE id = ?", (run,)).fetchone()
        if found is None:
            raise UsageError(f"no run is called {run!r}")
        return int(found[0])


def _node(task: Sequence[Any]) -> TaskNode:
    name, kind, variant, parent, executor, _max_attempts, dependencies, file, line, *_later = task
    return TaskNode(name, kind, variant, parent, executor, dependencies, file, line)
