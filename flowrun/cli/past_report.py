"""PastReport: a run of the history as the report that the runner gives at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..attempt import Outcome, Reason
from ..engine.account import Ending
from ..engine.report import AttemptReport, Report, TaskReport
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState
from ..extensions.last_lines import last_lines

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import AttemptRow, RunRow, TaskRow

_LINES = 10
_ENDINGS = {ending.value: ending for ending in Ending}


def past_report(history: History, run: str) -> Report:
    """The report of a run, as far as the history knows it. Attempts are those of its last start."""
    row, tasks, zero = history.run(run), history.tasks(run), history.starts(run)[-1].started
    attempts = [attempt for attempt in history.attempts(run) if attempt.started >= zero]
    by_task: dict[str, list[AttemptRow]] = {}
    for attempt in attempts:
        by_task.setdefault(attempt.task, []).append(attempt)
    logs = {file.task: Path(file.path) for file in history.log_files(run)}
    definition = history.graph(run)
    return Report(
        job_name=row.job,
        run_id=row.id,
        started=datetime.fromtimestamp(row.started, UTC),
        seconds=row.seconds,
        tasks={it.name: _task(it, by_task.get(it.name, []), tasks, logs, zero) for it in tasks if _is_told(it)},
        ending=_ENDINGS.get(row.ending, Ending.STOPPED if row.state in ("interrupted", "stopped") else Ending.DONE),
        signal=_signal(row),
        notices=tuple(row.notices),
        error=row.message if row.state == "interrupted" and not row.root_cause else "",
        needs=_needs(definition.tasks if definition is not None else ()),
        postponed=_postponed(row, tasks),
    )


def _postponed(row: RunRow, tasks: Sequence[TaskRow]) -> dict[str, str]:
    """Tasks that wait longer than the run."""
    if not row.is_over or row.ending not in (Ending.WAITING.value, Ending.DONE.value):
        return {}
    return {it.name: it.approval.question for it in tasks if it.approval is not None and it.approval.answer is None}


def _signal(row: RunRow) -> int | None:
    status = row.exit_status
    return status - 128 if row.ending == "stopped" and status is not None and status > 128 else None


def _needs(tasks: Sequence[Any]) -> dict[str, Sequence[str]]:
    known = {task.name for task in tasks}
    return {task.name: [name for name in task.dependencies if name in known] for task in tasks}


def _is_told(task: TaskRow) -> bool:
    """Items are told of one by one if they did not complete."""
    return task.kind != "item" or ExecutionState[task.state] in UNSUCCESSFUL


def _task(
    task: TaskRow, attempts: Sequence[AttemptRow], tasks: Sequence[TaskRow], logs: Mapping[str, Path], zero: float
) -> TaskReport:
    state = ExecutionState[task.state]
    is_bad = state in UNSUCCESSFUL
    log = logs.get(task.name)
    started, ended = (0.0 if at is None else max(0.0, at - zero) for at in (task.started, task.ended))
    return TaskReport(
        task.name,
        task.variant,
        state,
        attempts=len(attempts),
        max_attempts=max(task.max_attempts, 1),
        outcome=_outcome(task, attempts),
        seconds=task.seconds,
        started_at=started,
        ended_at=ended,
        attempt_reports=tuple(_attempt(attempt, zero) for attempt in attempts),
        held_back_by=_held_back_by(task),
        left_out_because=task.why if state is ExecutionState.SKIP else "",
        kind=task.kind,
        items=_items(task, tasks),
        items_kept=task.items_kept,
        is_allowed=task.is_allowed,
        kept=task.is_kept,
        last_lines=_said(log) if is_bad else (),
        log=log if is_bad else None,
    )


def _items(task: TaskRow, tasks: Sequence[TaskRow]) -> dict[ExecutionState, int]:
    if task.items is None:
        return {}
    return dict(Counter(ExecutionState[it.state] for it in tasks if it.kind == "item" and it.parent == task.name))


def _held_back_by(task: TaskRow) -> str:
    """The engine says it as `'load' did not complete`."""
    return task.why.removesuffix(" did not complete").strip("'\"") if task.state == "DEFAULTED" else ""


def _outcome(task: TaskRow, attempts: Sequence[AttemptRow]) -> Outcome | None:
    if attempts and attempts[-1].reason:
        last = attempts[-1]
        return Outcome(
            Reason(last.reason),
            last.message,
            error_types=tuple(last.error_types),
            place=(last.file, last.line) if last.file else None,
            traceback=last.traceback,
            exit_status=last.exit_status,
            signal=last.signal,
            hook_errors=tuple(last.hook_errors),
            is_cached=task.is_cached,
        )
    if not task.why or task.state in ("SKIP", "DEFAULTED"):
        return None
    return Outcome(Reason.ABORTED if task.state == "ABORTED" else Reason.NOT_STARTED, task.why)


def _attempt(attempt: AttemptRow, zero: float) -> AttemptReport:
    begun = attempt.started if attempt.begun is None else attempt.begun
    ended = attempt.ended if attempt.ended is not None else begun + attempt.seconds
    return AttemptReport(
        attempt.number,
        ExecutionState[attempt.state],
        attempt.started - zero,
        ended - zero,
        attempt.message,
        attempt.will_retry,
        attempt.begun - zero if attempt.worker and attempt.begun is not None else None,
        attempt.worker,
    )


def _said(log: Path | None) -> tuple[str, ...]:
    """The last lines without the time and severity before them."""
    return tuple(line.partition(" - ")[2] or line for line in last_lines(log, _LINES))
