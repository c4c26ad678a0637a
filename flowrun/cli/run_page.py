"""RunPage: one run of the history as `flowrun status` shows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..duration import duration
from ..eventbus.execution import ExecutionState
from ..extensions.bar import in_words
from ..usual.words import is_worth_saying, left
from .items_text import items_text
from .kept_status import values_lines
from .output import Output
from .past_runs import cause_text, counts_text, moment, run_record
from .printable import harmless
from .run_tree import RunTree

if TYPE_CHECKING:
    from ..history.rows import RunRow, TaskRow, ValueRow

_TOLD = frozenset({"FAILED", "ABORTED", "SKIP", "DEFAULTED"})


class RunPage:
    """One run with its tasks and, if they are wanted, its values."""

    def __init__(self, run: RunRow, tasks: Sequence[TaskRow], values: Sequence[ValueRow] | None = None) -> None:
        self._run = run
        self._tasks = tasks
        self._values = values

    def record(self) -> dict[str, Any]:
        """The run for programs."""
        tasks = [task.record() for task in self._tasks]
        return {**run_record(self._run), "tasks": tasks, **(self._plain_values() if self._values is not None else {})}

    def text(self, output: Output) -> str:
        """The run as a tree."""
        tree = RunTree(
            {task.name: ExecutionState[task.state] for task in self._tasks},
            {task.name: task.attempts for task in self._tasks},
            {task.name: _remark(task) for task in self._tasks},
        )
        lines = [self._headline(), tree.text(has_symbols=output.has_symbols), "", f"  {self._summary()}"]
        if cause := cause_text(self._run, 300):
            lines.append(f"  {cause}")
        if self._values is not None:
            lines += values_lines(self._plain_values())
        return "\n".join(lines)

    def _headline(self) -> str:
        run = self._run
        restarts = {1: "", 2: ", continued once"}.get(run.starts, f", continued {run.starts - 1} times")
        verb = {"running": "running for", "completed": "completed in", "failed": "failed in"}.get(
            run.state, f"{run.state} after"
        )
        return (
            f"run {run.id} of {harmless(run.job, 100)}, {verb} {duration(run.seconds)}{self._outlook()}, "
            f"started {moment(run.started)}{restarts}"
        )

    def _outlook(self) -> str:
        """`, usual 2m 41s, about 35 s left`, of a run that goes on."""
        run = self._run
        if run.is_over:
            return ""
        usual = f"usual {duration(run.usual_seconds)}" if run.usual_seconds is not None else ""
        return "".join(f", {words}" for words in (usual, left(run.remaining_seconds)) if words)

    def _summary(self) -> str:
        return counts_text(self._run) or "no task has moved"

    def _plain_values(self) -> dict[str, dict[str, Any]]:
        plain: dict[str, dict[str, Any]] = {"results": {}, "shared": {}}
        for row in self._values or ():
            if not row.is_deleted:
                plain["results" if row.kind == "result" else "shared"][row.name] = _plain(row)
        return plain


def _remark(task: TaskRow) -> str:
    if task.is_kept:
        return "completed before"
    has_begun = task.begun is not None or task.ended is not None
    took = duration(task.seconds) if task.started is not None and has_begun and task.state != "DEFAULTED" else ""
    so_far = in_words(task.progress) if task.progress is not None and task.state == "RUNNING" else ""
    usual = task.usual_seconds if task.state == "RUNNING" else None
    usually = f"usual {duration(usual)}" if usual is not None and is_worth_saying(usual) else ""
    waited = f"waited {duration(task.waiting_seconds)}" if task.waiting_seconds >= 1 else ""
    answered = harmless(task.approval.told, 120) if task.approval is not None else ""
    is_told = task.state in _TOLD or task.is_cached or task.state in ("PENDING", "RUNNING")
    why = harmless(task.why, 120) if is_told else ""
    return "   ".join(filter(None, (took, so_far, usually, items_text(task), waited, answered, why)))


def _plain(row: ValueRow) -> Any:
    if row.is_cut:
        return f"{row.text}… ({row.size:,} characters)"
    try:
        return json.loads(row.text)
    except ValueError:
        return row.text
