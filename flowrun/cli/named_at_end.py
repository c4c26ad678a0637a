"""Which tasks the ending of a run names, and how many it counts."""

from __future__ import annotations

from collections import Counter

from ..engine.report import Report, TaskReport
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState

_S = ExecutionState


def counted(report: Report) -> list[str]:
    """`4 completed`, `1 failed`, and so on."""
    counts, allowed = report.counts, report.allowed
    cut_off = len(interrupted(report))
    numbers = (
        (counts[_S.COMPLETED], "completed"),
        (report.kept, "of them kept"),
        (report.up_to_date, "of them up to date"),
        (counts[_S.FAILED] - allowed[_S.FAILED], "failed"),
        (counts[_S.DEFAULTED] - allowed[_S.DEFAULTED], "blocked"),
        (cut_off, "interrupted"),
        (counts[_S.ABORTED] - allowed[_S.ABORTED] - cut_off, "not started"),
        (counts[_S.SKIP], "skipped"),
        (allowed.total(), "allowed to fail"),
    )
    return [f"{number} {word}" for number, word in numbers if number]


def of_their_own(report: Report, state: ExecutionState) -> list[str]:
    """The names of tasks in this state, without those that are allowed to be, and what only follows from others."""
    tasks = (report.tasks[name] for name in report.named(state))
    return [task.name for task in tasks if not (task.is_allowed or task.is_made_of_others)]


def blocked(report: Report) -> list[str]:
    """Those that were held back; a group stands for its members."""
    groups = {name for name in report.named(_S.DEFAULTED) if report.tasks[name].kind == "group"}
    alone = [name for name in report.named(_S.DEFAULTED) if not report.tasks[name].is_allowed]
    return [name for name in alone if not any(name[:at] in groups for at, sign in enumerate(name) if sign == "/")]


def interrupted(report: Report) -> list[str]:
    """Those that ran when the job was stopped."""
    return [name for name in of_their_own(report, _S.ABORTED) if report.tasks[name].attempts]


def not_started(report: Report) -> list[str]:
    """Those that had not begun when the job was stopped; of items their number beside the name of their task."""
    ended = [report.tasks[name] for name in of_their_own(report, _S.ABORTED)]
    tasks = [it.name for it in ended if not it.attempts and it.kind != "item" and it.name not in report.postponed]
    fans = [(task, task.items.get(_S.ABORTED, 0)) for task in report.tasks.values() if task.items]
    begun = Counter(_fan_of(name, report) for name in interrupted(report))
    left = [(task.name, number - begun[task.name]) for task, number in fans]
    return [*tasks, *(f"{name} ({number:,} of its items)" for name, number in left if number > 0)]


def _fan_of(item: str, report: Report) -> str:
    cuts = (at for at, sign in enumerate(item) if sign == "[")
    return next((item[:at] for at in cuts if item[:at] in report.tasks), "")


def given_up(report: Report) -> int:
    """Items that did not complete, of tasks that completed all the same: a restart keeps these tasks."""
    fans = (task for task in report.tasks.values() if task.state is _S.COMPLETED)
    return sum(number for task in fans for state, number in task.items.items() if state in UNSUCCESSFUL)


def once_more(report: Report) -> int:
    """Tasks that completed and that a restart runs again all the same: they clean up, or come after such a task."""
    cleaning = {task.name for task in report.tasks.values() if task.cleans_up}
    if not cleaning:
        return 0
    unfinished = {name for name, task in report.tasks.items() if task.state not in (_S.COMPLETED, _S.SKIP)}
    found = _descendants(unfinished, report) & cleaning
    names = (name for name in found | _descendants(found, report) if name not in unfinished)
    return sum(_tasks_in(report.tasks[name]) for name in names)


def _descendants(names: set[str], report: Report) -> set[str]:
    needed_by: dict[str, list[str]] = {}
    for name, needs in report.needs.items():
        for need in needs:
            needed_by.setdefault(need, []).append(name)
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        new = [it for it in needed_by.get(ahead.pop(), ()) if it not in found]
        found.update(new)
        ahead += new
    return found


def _tasks_in(task: TaskReport) -> int:
    if task.kind == "group" or task.state is not _S.COMPLETED:
        return 0
    return task.items[_S.COMPLETED] if task.items else 1
