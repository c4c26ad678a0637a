"""The block at the end of a run: how it went, the root cause, and the command that continues."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from ..attempt import Reason
from ..duration import duration
from ..engine.report import Ending, Report, TaskReport
from ..eventbus.execution import ExecutionState
from .excerpt import lines_before
from .paint import Paint
from .printable import harmless, listed

_S = ExecutionState

_WIDTH = 160
_TRACEBACK = "Traceback (most recent call last)"
"""What follows it is shown above, with the lines of the file."""
_BETWEEN_TRACEBACKS = ("The above exception was the direct cause", "During handling of the above exception")


@dataclass(frozen=True)
class EndingText:
    """Writes the block. `continue_with` is the command that continues the run, `log_of` finds the log of a task."""

    paint: Paint
    has_symbols: bool
    continue_with: str
    show_logs: bool = True
    log_of: Callable[[str], Path | None] = lambda _task: None

    def write(self, report: Report) -> str:
        """The whole block. Of a completed run it is one line, and the notices."""
        lines = [self._headline(report)]
        if not report.is_completed:
            lines += ["", *self._cause(report), *self._others(report), *self._next(report)]
        lines += [f"  {self.paint('notice', 'yellow')}       {harmless(note, 400)}" for note in report.notices[:20]]
        return "\n".join(lines)

    def _headline(self, report: Report) -> str:
        verdict = f"{harmless(report.job_name, 100)} {_how(report)}"
        sign = ("✓ " if report.is_completed else "✗ ") if self.has_symbols else ""
        colour = "green" if report.is_completed else "red"
        dot = " · " if self.has_symbols else ", "
        return dot.join([self.paint(f"{sign}{verdict}", colour), *_counts(report), f"run {report.run_id}"])

    def _cause(self, report: Report) -> list[str]:
        if report.error:
            return [f"  state        {harmless(report.error, 1000)}"]
        cause = report.root_cause
        return [*self._task(cause), *self._last_output(cause)] if cause else []

    def _task(self, task: TaskReport) -> list[str]:
        outcome = task.outcome
        attempt = f"   attempt {task.attempts} of {max(task.max_attempts, task.attempts)}" if task.attempts else ""
        reason = f"   {outcome.reason.value}" if outcome else ""
        lines = [f"  {self.paint('root cause', 'red')}   {harmless(task.name, 200)}{attempt}{reason}"]
        if outcome and outcome.place:
            file, line = outcome.place
            lines.append(f"  ┌ {harmless(_near(file))}:{line}  {harmless(task.variant, 100)}")
            lines += [
                f"  │ {number:5} │ {harmless(text, _WIDTH)}".rstrip() for number, text in lines_before(file, line, 3)
            ]
        message = outcome.message if outcome else "was running when an earlier run ended, and may run only once"
        return [*lines, f"  └ {harmless(message, 1000)}"]

    def _last_output(self, task: TaskReport) -> list[str]:
        lines = _without_traceback(task)
        if not (self.show_logs and lines):
            return []
        return ["  last output", *(f"    | {harmless(line, 300)}" for line in lines)]

    def _others(self, report: Report) -> list[str]:
        cause = report.root_cause
        lines = []
        for name in [name for name in report.named(_S.FAILED) if not cause or name != cause.name][:5]:
            outcome = report.tasks[name].outcome
            lines.append(f"  also failed  {harmless(name, 100)}: {harmless(outcome.message if outcome else '', 200)}")
        if names := report.named(_S.DEFAULTED):
            lines.append(f"  blocked      {listed(names)}")
        if names := _interrupted(report):
            lines.append(f"  interrupted  {listed(names)}   (stopped by us, not the cause)")
        if names := _not_started(report):
            lines.append(f"  not started  {listed(names)}")
        return lines

    def _next(self, report: Report) -> list[str]:
        lines = []
        cause = report.root_cause
        if cause and (log := self.log_of(cause.name)):
            lines.append(f"  full log     {harmless(_near(str(log)))}")
        kept = len(report.named(_S.COMPLETED))
        to_run = len(report.tasks) - kept - len(report.named(_S.SKIP))
        lines.append(f"  continue     {self.continue_with}     ({to_run} to run, {kept} kept)")
        return lines


def _without_traceback(task: TaskReport) -> list[str]:
    """The last lines without a traceback, of which only the end may be among them."""
    before = list(takewhile(lambda line: _TRACEBACK not in line, task.last_lines))
    if len(before) < len(task.last_lines):
        return [] if any(line.startswith(_BETWEEN_TRACEBACKS) for line in before) else before
    if not (task.outcome and task.outcome.reason is Reason.RAISED and task.outcome.message):
        return before
    headline = task.outcome.message.partition("\n")[0]
    ends = [number for number, line in enumerate(before, 1) if line.endswith(headline)]
    return before[ends[-1] :] if ends else before


def _counts(report: Report) -> list[str]:
    kept = sum(task.kept for task in report.tasks.values())
    numbers = (
        (len(report.named(_S.COMPLETED)), "completed"),
        (kept, "of them kept"),
        (len(report.named(_S.FAILED)), "failed"),
        (len(report.named(_S.DEFAULTED)), "blocked"),
        (len(_interrupted(report)), "interrupted"),
        (len(_not_started(report)), "not started"),
        (len(report.named(_S.SKIP)), "skipped"),
    )
    return [f"{number} {word}" for number, word in numbers if number]


def _interrupted(report: Report) -> list[str]:
    return [name for name in report.named(_S.ABORTED) if report.tasks[name].attempts]


def _not_started(report: Report) -> list[str]:
    return [name for name in report.named(_S.ABORTED) if not report.tasks[name].attempts]


def _how(report: Report) -> str:
    took = duration(report.seconds)
    match report.ending:
        case _ if report.is_completed:
            return f"completed in {took}"
        case Ending.STOPPED if report.signal:
            return f"stopped by {signal.Signals(report.signal).name} after {took}"
        case Ending.STOPPED:
            return f"stopped after {took}"
        case Ending.DEADLINE:
            return f"stopped at its deadline after {took}"
        case Ending.STATE_LOST:
            return f"stopped after {took}: its state cannot be kept"
        case _:
            return f"failed in {took}"


def _near(file: str) -> str:
    """The path relative to the current directory, where that is shorter."""
    try:
        relative = os.path.relpath(file)
    except (OSError, ValueError):
        return file
    return relative if len(relative) < len(file) else file
