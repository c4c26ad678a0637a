"""Outlook: how long the tasks of a job usually take, and how long the rest of a run will take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import Any, NamedTuple

from ..usual import Usual
from ..usual.course import Course, ItemsLeft, Rest, rest_of, rest_of_items
from ..usual.samples import read_samples
from .approvals import approvals_of
from .places import Places
from .progress import progress_of
from .written_course import written_course

_MOST = 100
"""So many jobs, definitions and runs are remembered."""
_TASKS_A_SECOND = 2000
"""Of a run with so many tasks left the rest is estimated every second, of a larger one more seldom."""
_SHORTEST_SECONDS = 0.2
"""Between two estimates of one run at least so much time passes."""
_SLOTS = "--max-concurrency="

_SINCE = """(SELECT CASE WHEN executor IN ({queues}) THEN begun ELSE attempts.started END FROM attempts
    WHERE attempts.run = tasks.run AND attempts.task = tasks.name AND attempts.number = tasks.attempts)"""
"""What waits for a worker elsewhere has not begun."""
_WORK = """SELECT name, kind, state, items, items_kept, attempts, CASE WHEN attempts THEN {since} ELSE started END
    FROM tasks WHERE run = ? AND state IN ('PENDING', 'RUNNING') AND kind IN ('task', 'items')"""


_Start = tuple[int, float]
"""A run, and when a process began to perform it: no two begin at the same microsecond."""


class _Estimate(NamedTuple):
    made: float
    seconds: float | None
    lasts: float
    """Seconds until another one is made."""


class Outlook:
    """Remembers what it has read, so that many may ask often. Of threads that ask at once the last is remembered."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._usual: dict[str, tuple[tuple[int, int], Usual]] = {}
        self._courses: dict[tuple[str, int], Course] = {}
        self._details: dict[_Start, Mapping[str, Any]] = {}
        self._estimates: dict[_Start, _Estimate] = {}

    def usual(self, job: str) -> Usual:
        """How long the tasks of a job took in its last runs."""
        path = self._places.samples(job)
        try:
            status = path.stat()
        except OSError:
            return Usual()
        stamp = status.st_mtime_ns, status.st_ino
        known = self._usual.get(job)
        if known is None or known[0] != stamp:
            known = stamp, read_samples(path).usual()
            _remember(self._usual, job, known)
        return known[1]

    def usual_of_run(self, connection: Connection, run: int) -> Usual:
        """The same for the job of a run."""
        return self.usual(connection.execute("SELECT job FROM runs WHERE number = ?", (run,)).fetchone()[0])

    def course(self, connection: Connection, run: int) -> Course:
        """What the tasks of a run wait for."""
        query = "SELECT arguments FROM starts WHERE run = ? ORDER BY number DESC LIMIT 1"
        (arguments,) = connection.execute(query, (run,)).fetchone()
        return self._course(connection, run, {"arguments": json.loads(arguments)})

    def remaining_seconds(self, connection: Connection, run: int, job: str, now: float) -> float | None:
        """How long it takes until a run that goes on is over; None: too little is known, or a person is waited for."""
        start = _last_start(connection, run)
        known = self._estimates.get(start)
        if known is not None and 0 <= (age := now - known.made) < known.lasts:
            return None if known.seconds is None else round(max(0.0, known.seconds - age), 3)
        detail = self._detail(connection, start)
        course = self._course(connection, run, detail)
        found = _work(connection, run, detail.get("queues", ()))
        rows = list(_to_run(found, course, detail))
        is_asked = _waits_for_a_person(connection, run, rows)
        seconds = None if is_asked else self._remaining(connection, run, course, self.usual(job), rows, now)
        lasts = max(_SHORTEST_SECONDS, len(found) / _TASKS_A_SECOND)
        _remember(self._estimates, start, _Estimate(now, seconds, lasts))
        return seconds

    def _remaining(
        self, connection: Connection, run: int, course: Course, usual: Usual, rows: Sequence[Sequence[Any]], now: float
    ) -> float | None:
        if not course.needs:  # the run has not said yet which tasks it has
            return None
        rests: dict[str, Rest] = {}
        told = progress_of(connection, run, [row[0] for row in rows if row[2] == "RUNNING"])
        for name, kind, state, items, kept, attempt, started in rows:
            elapsed = max(0.0, now - started) if state == "RUNNING" and started is not None else 0.0
            if kind == "items" and items is not None and state == "RUNNING":
                left = _items_left(connection, run, name, items, kept)
                rest = rest_of_items(course, usual, name, left, elapsed)
            else:
                progress = told.get((name, attempt))
                rest = rest_of(usual, name, elapsed, None if progress is None else progress.share)
            if rest is None:
                return None
            rests[name] = rest
        return round(course.remaining_seconds(rests), 3)

    def _detail(self, connection: Connection, start: _Start) -> Mapping[str, Any]:
        """What a start said of itself. It is looked for once: all that has happened since stands behind it."""
        known = self._details.get(start)
        if known is None:
            query = "SELECT detail FROM events WHERE run = ? AND at = ? AND kind = 'started' ORDER BY seq DESC LIMIT 1"
            found = connection.execute(query, start).fetchone()
            known = json.loads(found[0]) if found is not None else {}
            _remember(self._details, start, known)
        return known

    def _course(self, connection: Connection, run: int, detail: Mapping[str, Any]) -> Course:
        given = [one.removeprefix(_SLOTS) for one in detail.get("arguments", ()) if one.startswith(_SLOTS)]
        found = connection.execute("SELECT definition FROM runs WHERE number = ?", (run,)).fetchone()
        key = found[0], int(given[-1]) if given else -1
        course = self._courses.get(key)
        if course is None:
            row = connection.execute("SELECT tasks, merged FROM definitions WHERE digest = ?", (key[0],)).fetchone()
            tasks, merged = map(json.loads, row) if row is not None else ([], {})
            course = written_course(tasks, merged, None if key[1] < 0 else key[1])
            _remember(self._courses, key, course)
        return course


def _last_start(connection: Connection, run: int) -> _Start:
    query = "SELECT run, started FROM starts WHERE run = ? ORDER BY number DESC LIMIT 1"
    found: _Start = connection.execute(query, (run,)).fetchone()
    return found


def _work(connection: Connection, run: int, queues: Sequence[str]) -> list[Sequence[Any]]:
    since = _SINCE.format(queues=", ".join("?" * len(queues)))
    return connection.execute(_WORK.format(since=since), (*queues, run)).fetchall()


def _to_run(found: Sequence[Sequence[Any]], course: Course, detail: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Those that will be performed, as far as that is known; of a task that another one has added it is not said."""
    chosen = detail.get("plan", {})
    for row in found:
        name, state = row[0], row[2]
        is_left_out = chosen and name in course.needs and name not in chosen
        if not is_left_out and (state == "RUNNING" or name not in course.after_failure):
            yield row


def _waits_for_a_person(connection: Connection, run: int, rows: Sequence[Sequence[Any]]) -> bool:
    """How long people take nobody knows."""
    began = connection.execute("SELECT max(started) FROM starts WHERE run = ?", (run,)).fetchone()[0]
    asked = {name for name, row in approvals_of(connection, run, began).items() if row.answer is None}
    return any(name in asked and state == "PENDING" for name, _kind, state, *_ in rows)


def _items_left(connection: Connection, run: int, name: str, total: int, kept: int) -> ItemsLeft:
    query = "SELECT state, count(*) FROM tasks WHERE run = ? AND parent = ? AND kind = 'item' GROUP BY state"
    counts: dict[str, int] = dict(connection.execute(query, (run, name)).fetchall())
    running = counts.pop("RUNNING", 0)
    counts.pop("PENDING", None)
    return ItemsLeft(total, sum(counts.values()), kept, running)


def _remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    if len(memory) >= _MOST:
        memory.clear()
    memory[key] = value
