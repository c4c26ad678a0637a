"""Figures: what a report comes to: the slowest tasks, the path that took longest, what went wrong in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..eventbus.execution import ExecutionState

if TYPE_CHECKING:
    from .report import Report, TaskReport

_S = ExecutionState


def longest_path(needs: Mapping[str, Sequence[str]], seconds: Mapping[str, float]) -> list[str]:
    """The way through the tasks, each after what it needs, on which the most seconds were spent."""
    waiting = {name: len(found) for name, found in needs.items()}
    needed_by: dict[str, list[str]] = {name: [] for name in needs}
    for name, found in needs.items():
        for one in found:
            needed_by[one].append(name)
    length: dict[str, float] = {}
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:  # grows while it is walked
        length[name] = seconds.get(name, 0.0) + max((length[one] for one in needs[name]), default=0.0)
        for dependent in needed_by[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                ready.append(dependent)
    return list(_back_from_end(needs, length, seconds))[::-1]


def _back_from_end(
    needs: Mapping[str, Sequence[str]], length: Mapping[str, float], seconds: Mapping[str, float]
) -> Iterator[str]:
    name = max(reversed(list(length)), key=length.__getitem__, default=None)  # of equal ends the last
    while name is not None:
        if name in seconds:
            yield name
        name = max(needs[name], key=length.__getitem__, default=None)


def sentences(report: Report) -> Iterator[str]:
    """What went wrong, the reason for the end of the job first; also what a later attempt made good."""
    if (first := _why_it_ended(report)) is not None:
        yield first
    for task in report.tasks.values():
        yield from _sentences_of(task)


def _why_it_ended(report: Report) -> str | None:
    cause = report.root_cause
    match report.ending.value:
        case "fail-fast" if cause is not None:
            return f"task {cause.name!r} failed and stopped the job, as `fail_fast` asks"
        case "deadline":
            return f"the job was stopped after {report.seconds:.1f} s: its time was over"
        case "stopped":
            return f"the job was stopped by {f'signal {report.signal}' if report.signal else 'its caller'}"
        case "state lost":
            return f"the job was stopped: {report.error}"
    return None


def _sentences_of(task: TaskReport) -> Iterator[str]:
    for attempt in task.attempt_reports:
        if attempt.will_retry:
            yield f"attempt {attempt.number} of task {task.name!r} failed, another followed: {attempt.message}"
    said = task.outcome.message if task.outcome is not None else ""
    match task.state:
        case _S.FAILED:
            tries = f" after {task.attempts} attempts" if task.attempts > 1 else ""
            allowed = ", as is allowed" if task.is_allowed else ""
            yield f"task {task.name!r} failed{tries}{allowed}: {said or 'one of its tasks did'}"
        case _S.DEFAULTED:
            yield f"task {task.name!r} was not started: {task.held_back_by!r} did not complete"
        case _S.ABORTED if task.attempts:
            yield f"task {task.name!r} was stopped: {said or 'from outside'}"
        case _S.ABORTED:
            yield f"task {task.name!r} was not started: the job was stopped"
