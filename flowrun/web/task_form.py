"""The JSON form of a task of a run, in lists and alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from typing_extensions import TypedDict

from ..eventbus.progress import Progress
from ..history.approvals import ApprovalRow
from ..history.rows import AttemptRow, TaskRow
from ..iso_time import iso
from .run_form import PlaceBody, place_of


class ProgressBody(TypedDict):
    """How far an attempt is, as it says itself. Where `total` is null it is not known how much there is in all."""

    done: float
    total: float | None
    message: str


class AttemptSummary(TypedDict):
    """An attempt in the list of tasks."""

    number: int
    state: str
    started: str | None
    begun: str | None
    ended: str | None
    reason: str
    worker: str
    progress: ProgressBody | None


class ApprovalBody(TypedDict):
    """What a person was asked about a task. `answer` is `approved`, `rejected`, `timed out`, or null as long as it
    waits; `otherwise`, what follows without an answer, is `reject`, `approve` or `stop`.
    """

    question: str
    since: str
    until: str | None
    otherwise: str
    answer: str | None
    by: str
    at: str | None
    comment: str


class TaskSummary(TypedDict):
    """A task in the list of tasks. Its items stand there if they have begun; `items_waiting` is how many have not."""

    name: str
    task: str
    kind: str
    group: str | None
    state: str
    attempts: list[AttemptSummary]
    max_attempts: int
    started: str | None
    begun: str | None
    ended: str | None
    seconds: float
    ready: str | None
    waits_for: str | None
    why: str
    message: str
    executor: str
    kept: bool
    cached: bool
    allowed: bool
    waiting_seconds: float
    queue_seconds: float
    worker: str
    cpu_seconds: float | None
    peak_memory: int | None
    usual_seconds: float | None
    is_critical: bool
    items: dict[str, int] | None
    items_count: int | None
    items_kept: int
    items_waiting: int
    approval: ApprovalBody | None
    progress: ProgressBody | None
    has_log: bool


class TaskList(TypedDict):
    """All tasks of a run in file order, and the last event that is in them."""

    run: str
    seq: int
    items: list[TaskSummary]


class AttemptBody(TypedDict):
    """An attempt alone."""

    number: int
    state: str
    started: str | None
    begun: str | None
    ended: str | None
    seconds: float
    executor: str
    worker: str
    reason: str
    message: str
    error_types: list[str]
    place: PlaceBody | None
    traceback: str
    hook_errors: list[str]
    cpu_seconds: float | None
    peak_memory: int | None
    exit_status: int | None
    signal: int | None
    pause_seconds: float | None
    progress: ProgressBody | None
    is_final: bool


def task_summaries(
    tasks: Iterable[TaskRow],
    attempts: Mapping[str, Sequence[AttemptRow]],
    critical: Collection[str],
    items: Mapping[str, Mapping[str, int]],
) -> list[TaskSummary]:
    """Tasks with their attempts. `critical` are those of the critical path; `items` are counted by task and state."""
    return [task_summary(task, attempts.get(task.name, ()), critical, items.get(task.name, {})) for task in tasks]


def task_summary(
    task: TaskRow, attempts: Sequence[AttemptRow], critical: Collection[str], items: Mapping[str, int]
) -> TaskSummary:
    """One task with its attempts, and how many of its items are in which state."""
    last = attempts[-1] if attempts else None
    return {
        "name": task.name,
        "task": task.variant,
        "kind": task.kind,
        "group": task.parent or None,
        "state": task.state,
        "attempts": [_in_short(one) for one in attempts],
        "max_attempts": task.max_attempts,
        "started": iso(task.started),
        "begun": iso(task.begun),
        "ended": iso(task.ended),
        "seconds": round(task.seconds, 3),
        "ready": None if task.started is None else iso(task.started - task.waiting_seconds + task.queue_seconds),
        "waits_for": _awaited(task),
        "why": task.why,
        "message": last.message if last and last.state != "COMPLETED" else "",
        "executor": task.executor,
        "kept": task.is_kept,
        "cached": task.is_cached,
        "allowed": task.is_allowed,
        "waiting_seconds": round(task.waiting_seconds, 3),
        "queue_seconds": round(task.queue_seconds, 3),
        "worker": task.worker,
        "cpu_seconds": task.cpu_seconds or None,
        "peak_memory": task.peak_bytes or None,
        "usual_seconds": task.usual_seconds,
        "is_critical": task.name in critical,
        "items": dict(items) if task.kind == "items" else None,
        "items_count": task.items,
        "items_kept": task.items_kept,
        "items_waiting": task.items_waiting,
        "approval": approval_body(task.approval),
        "progress": progress_body(task.progress),
        "has_log": bool(attempts),
    }


def _awaited(task: TaskRow) -> str | None:
    """What a task that has not ended waits for."""
    return task.why.removeprefix("waits for ") or None if task.state in ("PENDING", "RUNNING") else None


def approval_body(approval: ApprovalRow | None) -> ApprovalBody | None:
    """What a person was asked."""
    return None if approval is None else cast("ApprovalBody", approval.record())


def progress_body(progress: Progress | None) -> ProgressBody | None:
    """How far an attempt is."""
    if progress is None:
        return None
    return {"done": progress.done, "total": progress.total, "message": progress.message}


def _in_short(attempt: AttemptRow) -> AttemptSummary:
    return {
        "number": attempt.number,
        "state": attempt.state,
        "started": iso(attempt.started),
        "begun": iso(attempt.begun),
        "ended": iso(attempt.ended),
        "worker": attempt.worker,
        "reason": attempt.reason,
        "progress": progress_body(attempt.progress),
    }


def attempt_body(attempt: AttemptRow, root: Path) -> AttemptBody:
    """One attempt with all that is known of it; `root` is the project root."""
    return {
        "number": attempt.number,
        "state": attempt.state,
        "started": iso(attempt.started),
        "begun": iso(attempt.begun),
        "ended": iso(attempt.ended),
        "seconds": round(attempt.seconds, 3),
        "executor": attempt.executor,
        "worker": attempt.worker,
        "reason": attempt.reason,
        "message": attempt.message,
        "error_types": list(attempt.error_types),
        "place": place_of(attempt, root),
        "traceback": attempt.traceback,
        "hook_errors": list(attempt.hook_errors),
        "cpu_seconds": attempt.cpu_seconds or None,
        "peak_memory": attempt.peak_bytes or None,
        "exit_status": attempt.exit_status,
        "signal": attempt.signal,
        "pause_seconds": attempt.pause_seconds or None,
        "progress": progress_body(attempt.progress),
        "is_final": attempt.is_final,
    }


def by_task(attempts: Iterable[AttemptRow]) -> dict[str, list[AttemptRow]]:
    """Attempts of each task, in their order."""
    found: dict[str, list[AttemptRow]] = {}
    for attempt in attempts:
        found.setdefault(attempt.task, []).append(attempt)
    return found
