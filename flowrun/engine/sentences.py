"""Sentences: what went wrong in a job, in words."""

from __future__ import annotations

from collections.abc import Iterator

from ..eventbus.execution import ExecutionState
from .account import Account
from .task_report import TaskReport

_S = ExecutionState


def sentences(account: Account) -> Iterator[str]:
    """What went wrong, the reason for the end of the job first; also what a later attempt made good."""
    if (first := _why_it_ended(account)) is not None:
        yield first
    for task in account.tasks.values():
        if task.name in account.postponed:
            yield f"task {task.name!r} waits for an approval: {account.postponed[task.name]}"
        else:
            yield from _sentences_of(task)


def _why_it_ended(account: Account) -> str | None:
    cause = account.root_cause
    match account.ending.value:
        case "fail-fast" if cause is not None:
            return f"task {cause.name!r} failed and stopped the job, as `fail_fast` asks"
        case "deadline":
            return f"the job was stopped after {account.seconds:.1f} s: its time was over"
        case "stopped":
            return f"the job was stopped by {f'signal {account.signal}' if account.signal else 'its caller'}"
        case "waiting for an approval":
            return f"the job waits for an approval of {', '.join(account.postponed)}"
        case "state lost":
            return f"the job was stopped: {account.error}"
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
