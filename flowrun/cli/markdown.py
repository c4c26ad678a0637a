"""The report of a run as Markdown: for the summary page of a CI job, or a message."""

from __future__ import annotations

import re

from ..duration import duration
from ..engine.report import Report, TaskReport
from ..eventbus.execution import ExecutionState
from .ending import how_it_went, sign_of
from .printable import harmless, near
from .timing_text import timing_lines

_MOST_ROWS = 200
_WORDS = {
    ExecutionState.COMPLETED: "✓ completed",
    ExecutionState.FAILED: "✗ failed",
    ExecutionState.DEFAULTED: "⊘ blocked",
    ExecutionState.ABORTED: "⊘ stopped",
    ExecutionState.SKIP: "– skipped",
}
_FIRST = (ExecutionState.FAILED, ExecutionState.ABORTED, ExecutionState.DEFAULTED)
_SIGNS = re.compile(r"([\\`*_{}\[\]<>|#~!$@&])")


def markdown(report: Report) -> str:
    """Headline, root cause, and a table of the tasks, first those that did not complete."""
    lines = [f"### {sign_of(report)} {_plain(report.job_name)} {how_it_went(report)}", "", *_cause(report)]
    lines += [f"Waits for an approval: **{_plain(it)}**: {_plain(text)}\n" for it, text in report.postponed.items()]
    lines += ["| task | | time | |", "|---|---|---:|---|"]
    tasks = sorted((task for task in report.tasks.values() if task.kind != "group"), key=_rank)
    lines += [_row(task) for task in tasks[:_MOST_ROWS]]
    if (more := len(tasks) - _MOST_ROWS) > 0:
        lines.append(f"| and {more} more | | | |")
    lines += ["", *(f"- {_plain(line)}" for line in timing_lines(report))]
    lines += ["", f"Run {report.run_id}, started {report.started.isoformat(timespec='seconds')}."]
    return "\n".join([*lines, *(f"- {_plain(note)}" for note in report.notices[:20])]) + "\n"


def _cause(report: Report) -> list[str]:
    cause = report.root_cause
    if report.error:
        return [_plain(report.error), ""]
    if cause is None or cause.outcome is None:
        return []
    place = f" at {_plain(_shown(*cause.outcome.place))}" if cause.outcome.place else ""
    output = [f"    {harmless(line, 300)}" for line in cause.last_lines]
    return [
        f"Root cause: **{_plain(cause.name)}**{place}: {_plain(cause.outcome.message)}",
        "",
        *([*output, ""] if output else []),
    ]


def _shown(file: str, line: int) -> str:
    return f"{near(file)}:{line}"


def _row(task: TaskReport) -> str:
    took = duration(task.seconds) if task.attempts or task.items else ""
    return f"| {_plain(task.name)} | {_WORDS.get(task.state, task.state.name)} | {took} | {_plain(_remark(task))} |"


def _remark(task: TaskReport) -> str:
    if task.kept:
        return "completed before"
    if task.outcome and task.outcome.is_cached:
        return task.outcome.message
    if task.left_out_because:
        return task.left_out_because
    if task.is_allowed:
        return f"allowed: {task.outcome.message if task.outcome else 'did not start'}"
    if task.kind == "items" and task.items and task.state is ExecutionState.COMPLETED:
        said = task.outcome.message if task.outcome else ""
        return ": ".join(filter(None, (f"{sum(task.items.values()):,} items", said)))
    if task.held_back_by:
        return f"{task.held_back_by} did not complete"
    attempt = f"attempt {task.attempts} of {task.max_attempts}" if task.attempts > 1 else ""
    message = task.outcome.message if task.outcome and task.state is not ExecutionState.COMPLETED else ""
    return ": ".join(filter(None, (attempt, message)))


def _rank(task: TaskReport) -> int:
    return _FIRST.index(task.state) if task.state in _FIRST and not task.is_allowed else len(_FIRST)


def _plain(text: str) -> str:
    """Nothing in it is read as Markdown, as HTML, or as a mention."""
    return _SIGNS.sub(r"\\\1", harmless(text, 300)).replace("\\@", "@\u200b").replace("\\<", "&lt;")
