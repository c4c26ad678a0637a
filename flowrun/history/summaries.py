"""How the runs of a job went, in a few figures."""

from __future__ import annotations

from sqlite3 import Connection

from .rows import JobSummary, TrendPoint
from .run_rows import RunRows
from .usual_runs import MOST_RUNS

_RECENT = 10
_BEGUN = (
    "SELECT min(begun) FROM attempts "
    "WHERE attempts.run = tasks.run AND task = tasks.name AND attempts.started >= tasks.started"
)
"""When a worker elsewhere began with a task."""


def job_summaries(connection: Connection, rows: RunRows) -> list[JobSummary]:
    """Every job, the one that ran last first."""
    found = connection.execute("SELECT job, count(*), max(started) FROM runs GROUP BY job ORDER BY 3 DESC").fetchall()
    return [_summary(connection, rows, job, number) for job, number, _ in found]


def _summary(connection: Connection, rows: RunRows, job: str, number: int) -> JobSummary:
    recent = list(rows.where("job = ?", (job,), _RECENT))
    last = connection.execute("SELECT state FROM runs WHERE job = ? ORDER BY started DESC LIMIT ?", (job, MOST_RUNS))
    over = [state for (state,) in last if state != "running"]
    return JobSummary(
        job=job,
        file=recent[0].file,
        runs=number,
        last_started=recent[0].started,
        last_state=recent[0].state,
        success_share=over.count("completed") / len(over) if over else 0.0,
        usual_seconds=recent[0].usual_seconds,
        recent=recent,
    )


def trend_points(connection: Connection, rows: RunRows, job: str, task: str | None, limit: int) -> list[TrendPoint]:
    """The last runs of a job, or a task in them, the oldest first."""
    points = (
        []
        if task is not None
        else [
            TrendPoint(run.id, run.started, run.state, run.seconds, 0.0, run.starts, 0.0, 0)
            for run in rows.where("job = ?", (job,), limit)
        ]
    )
    if task is not None:
        found = connection.execute(
            f"SELECT runs.id, runs.started, tasks.state, coalesce(tasks.ended - coalesce(({_BEGUN}), tasks.started), "
            "0), 0, tasks.attempts, "
            "tasks.cpu_seconds, tasks.peak_bytes FROM runs JOIN tasks ON tasks.run = runs.number AND tasks.name = ? "
            "WHERE job = ? ORDER BY runs.started DESC LIMIT ?",
            (task, job, limit),
        )
        points = [TrendPoint(*row) for row in found]
    return points[::-1]
