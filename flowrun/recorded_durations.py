"""Recorded durations: how long the tasks of a run took, kept for the runs that follow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from .engine.report import Report, TaskReport
from .eventbus.execution import ExecutionState
from .history.places import Places
from .usual.samples import read_samples, write_samples


def keep_durations(report: Report, places: Places) -> None:
    """Add a run to what is known of the job. If it cannot be written, the next run knows a little less."""
    path = places.samples(report.job_name)
    tasks, items = dict(_durations(report)), dict(_items(report))
    with suppress(OSError):
        write_samples(path, read_samples(path).with_run(tasks, items, report.tasks))


def _durations(report: Report) -> Iterator[tuple[str, float]]:
    """Of the attempts that completed; of a group, or a task with items, if nothing of it is missing."""
    for name, task in report.tasks.items():
        if task.state is ExecutionState.COMPLETED and not task.kept and not _is_cached(task):
            if task.kind == "task" and task.attempt_reports:
                yield name, task.attempt_reports[-1].seconds
            elif task.kind == "items" and not task.items_kept:
                yield name, task.seconds
    broken = _broken_groups(report)
    for name, task in report.tasks.items():
        if task.kind == "group" and task.state is ExecutionState.COMPLETED and task.seconds and name not in broken:
            yield name, task.seconds


def _items(report: Report) -> Iterator[tuple[str, float]]:
    for name, task in report.tasks.items():
        if task.item_seconds is not None:
            yield name, task.item_seconds


def _is_cached(task: TaskReport) -> bool:
    return task.outcome is not None and task.outcome.is_cached


def _broken_groups(report: Report) -> set[str]:
    """Groups of which something was not performed in this run."""
    broken: set[str] = set()
    for name, task in report.tasks.items():
        if task.kept or task.items_kept or _is_cached(task):
            broken.update(name[:at] for at, sign in enumerate(name) if sign == "/")
    return broken
