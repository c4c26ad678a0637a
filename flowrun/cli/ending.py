"""The block at the end of a run: how it went, the root cause, and the command that continues."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from itertools import islice, takewhile

from ..attempt import Outcome, Reason
from ..dataclass import dataclass
from ..duration import duration
from ..engine.report import Ending, Report, TaskReport
from ..eventbus.execution import ExecutionState
from .named_at_end import blocked, counted, given_up, interrupted, not_started, of_their_own, once_more
from .paint import Paint
from .printable import hanging, harmless, listed, near
from .typed_command import answering_command

_S = ExecutionState

_WIDTH = 160
_MOST_OTHERS = 5
_MOST_NOTICES = 20
_WITHOUT_FRAME = str.maketrans("┌│└…", "-||~")
_TRACEBACK = "Traceback (most recent call last)"
"""What follows it is shown above, with the lines of the file."""
_BETWEEN_TRACEBACKS = ("The above exception was the direct cause", "During handling of the above exception")


@dataclass(frozen=True)
class EndingText:
    """Writes the block. `continue_with` is the command that continues a run of this job."""

    paint: Paint
    has_symbols: bool
    continue_with: str
    show_logs: bool = True
    where: str = ""
    """` -C ROOT` for commands about the run, if they need it."""
    width: int = 0
    """That of the terminal; 0: the lines may have any length."""

    def write(self, report: Report) -> str:
        """The whole block. Of a completed run it is one line, and the notices."""
        lines = self._headline(report)
        if not report.is_completed:
            lines += ["", *self._cause(report), *self._others(report), "", *self._next(report)]
        for note in report.notices[:_MOST_NOTICES]:
            lines += self._said("notice", harmless(note, 400), "yellow")
        if (more := len(report.notices) - _MOST_NOTICES) > 0:
            lines.append(f"  and {more} more notices")
        return "\n".join(lines if self.has_symbols else (line.translate(_WITHOUT_FRAME) for line in lines))

    def _headline(self, report: Report) -> list[str]:
        sign = f"{sign_of(report)} " if self.has_symbols else ""
        verdict = f"{sign}{harmless(report.job_name, 100)} {how_it_went(report)}"
        dot = " · " if self.has_symbols else ", "
        text = dot.join([verdict, *counted(report), f"run {report.run_id}"])
        first, *more = hanging("", text, self.width)
        colour = "green" if report.is_completed else "yellow" if report.ending is Ending.WAITING else "red"
        is_whole = first.startswith(verdict)
        return [self.paint(verdict, colour) + first[len(verdict) :] if is_whole else self.paint(first, colour), *more]

    def _said(self, word: str, text: str, colour: str = "") -> list[str]:
        """`  blocked      publish, report`."""
        first, *more = hanging(f"  {word:<11}  ", text, self.width)
        return [first.replace(word, self.paint(word, colour), 1) if colour else first, *more]

    def _cause(self, report: Report) -> list[str]:
        if report.error:
            what = "service" if report.ending is Ending.SERVICE_LOST else "state"
            return self._said(what, harmless(report.error, 1000))
        cause = report.root_cause
        return [*self._task(cause), *self._last_output(cause)] if cause else []

    def _task(self, task: TaskReport) -> list[str]:
        outcome = task.outcome
        attempt = f"   attempt {task.attempts} of {max(task.max_attempts, task.attempts)}" if task.attempts else ""
        reason = f"   {outcome.reason.value}{_no_further_try(task, outcome)}" if outcome else ""
        lines = self._said("root cause", f"{harmless(task.name, 200)}{attempt}{reason}", "red")
        if outcome and outcome.place:
            from .excerpt import lines_before

            file, line = outcome.place
            lines.append(f"  ┌ {harmless(near(file))}:{line}  {harmless(task.variant, 100)}")
            most = min(_WIDTH, max(20, self.width - 12)) if self.width else _WIDTH
            lines += [
                f"  │ {number:5} │ {harmless(text, most)}".rstrip() for number, text in lines_before(file, line, 3)
            ]
        message = outcome.message if outcome else "was running when an earlier run ended, and may run only once"
        return [*lines, *hanging("  └ ", harmless(message, 1000), self.width)]

    def _last_output(self, task: TaskReport) -> list[str]:
        lines = _without_traceback(task)
        if not (self.show_logs and lines):
            return []
        return ["  last output", *(one for line in lines for one in hanging("    | ", harmless(line, 300), self.width))]

    def _asked(self, postponed: Mapping[str, str]) -> list[str]:
        lines = []
        for name, question in islice(postponed.items(), _MOST_OTHERS):
            lines += self._said("waits", f"{harmless(name, 100)}, for an approval: {harmless(question, 300)}", "yellow")
        if more := list(postponed)[_MOST_OTHERS:]:
            lines += self._said("waits", listed(more), "yellow")
        return lines

    def _others(self, report: Report) -> list[str]:
        cause = report.root_cause
        lines = []
        others = [name for name in of_their_own(report, _S.FAILED) if not cause or name != cause.name]
        for name in others[:_MOST_OTHERS]:
            outcome = report.tasks[name].outcome
            message = harmless(outcome.message if outcome else "", 200)
            lines += self._said("also failed", f"{harmless(name, 100)}: {message}")
        if more := others[_MOST_OTHERS:]:
            lines += self._said("also failed", listed(more))
        if names := [name for name, task in report.tasks.items() if task.is_allowed and not task.is_made_of_others]:
            lines += self._said("allowed", f"{listed(names)}   (did not complete, and need not)")
        if names := blocked(report):
            lines += self._said("blocked", listed(names))
        if names := interrupted(report):
            lines += self._said("interrupted", f"{listed(names)}   (stopped by us, not the cause)")
        lines += self._asked(report.postponed)
        if names := not_started(report):
            lines += self._said("not started", listed(names))
        return lines

    def _next(self, report: Report) -> list[str]:
        """What is to be copied is not cut into lines."""
        lines = []
        cause = report.root_cause
        if cause and cause.log:
            lines.append(f"  full log     {harmless(near(str(cause.log)))}")
        for name in list(report.postponed)[:_MOST_OTHERS]:
            lines.append(f"  approve      {answering_command('approve', report.run_id, name, self.where)}")
        counts = report.counts
        kept = counts[_S.COMPLETED] - once_more(report)
        to_run = counts.total() - kept - counts[_S.SKIP] - given_up(report)
        command, note = f"  continue     {self.continue_with} {report.run_id}", f"({to_run} to run, {kept} kept)"
        if self.width and len(command) + 5 + len(note) > self.width:
            return [*lines, command, f"               {note}"]
        return [*lines, f"{command}     {note}"]


def sign_of(report: Report) -> str:
    """That of the whole run."""
    return "✓" if report.is_completed else "⏸" if report.ending is Ending.WAITING else "✗"


def _no_further_try(task: TaskReport, outcome: Outcome) -> str:
    """Why it was not tried again, although it might have been."""
    return "   another try is pointless" if outcome.is_final and 0 < task.attempts < task.max_attempts else ""


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


def how_it_went(report: Report) -> str:
    """`failed in 2m 41s`."""
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
        case Ending.WAITING:
            return f"waits for an approval, after {took}"
        case Ending.SERVICE_LOST:
            return f"stopped after {took}: a service stayed unreachable"
        case _:
            return f"failed in {took}"
