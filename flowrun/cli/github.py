"""What GitHub reads in the output of a workflow: folds, and annotations of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..engine.report import Report
from ..eventbus.execution import ExecutionState
from ..problem import Place, Problem
from .printable import harmless, near

_MOST_ERRORS = 10
"""GitHub shows no more of one step."""


def fold(title: str, lines: str) -> str:
    """The lines under a title that opens them."""
    return f"::group::{harmless(title, 200)}\n{lines}\n::endgroup::"


def annotation(word: str, title: str, message: str, place: Place) -> str:
    """`::error file=tasks/a.py,line=3,title=load::ValueError: no rows`."""
    numbers = {"line": place.line, "col": place.column} if place.line else {}
    given = {"file": place.file, **numbers, "title": title}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in given.items() if value)
    return f"::{word} {properties}::{_data(harmless(message, 500))}"


def failures(report: Report, written: Callable[[str], Place]) -> list[str]:
    """An annotation for each task that failed, at the line where it did; else where `written` says that it stands."""
    lines = []
    failed = (report.tasks[name] for name in report.named(ExecutionState.FAILED))
    for task in [task for task in failed if not (task.is_allowed or task.is_made_of_others)][:_MOST_ERRORS]:
        outcome = task.outcome
        place = Place(*outcome.place) if outcome and outcome.place else written(task.name)
        message = outcome.message if outcome else "failed"
        lines.append(annotation("error", f"task {task.name}", message, _nearby(place)))
    return lines


def refusals(problems: Sequence[Problem], word: str = "error") -> list[str]:
    """An annotation for each mistake in a job file, at its line."""
    lines = [of_problem(word, problem) for problem in problems[:_MOST_ERRORS]]
    if more := len(problems) - len(lines):
        lines.append(f"::notice::{more} more problems are not shown")
    return lines


def of_problem(word: str, problem: Problem) -> str:
    """`::error file=jobs/a.yaml,line=2,col=13,title=FR402::no task class is called …`."""
    message = problem.message + (f" ({problem.label})" if problem.label else "")
    return annotation(word, problem.code, message, problem.place)


def _nearby(place: Place) -> Place:
    return replace(place, file=near(place.file)) if place.file else place


def _data(text: str) -> str:
    return text.replace("%", "%25")


def _property(text: str) -> str:
    return _data(harmless(text, 300)).replace(":", "%3A").replace(",", "%2C")
