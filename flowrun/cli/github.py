"""What GitHub reads in the output of a workflow: folds, and annotations of files."""

from __future__ import annotations

from ..engine.report import Report
from ..eventbus.execution import ExecutionState
from ..problem import Place
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


def failures(report: Report) -> list[str]:
    """An annotation for each task that failed, at the line where it did."""
    lines = []
    failed = (report.tasks[name] for name in report.named(ExecutionState.FAILED))
    for task in [task for task in failed if not (task.is_allowed or task.is_made_of_others)][:_MOST_ERRORS]:
        outcome = task.outcome
        file, line = outcome.place if outcome and outcome.place else ("", 0)
        place = Place(near(file) if file else "", line)
        lines.append(annotation("error", f"task {task.name}", outcome.message if outcome else "failed", place))
    return lines


def _data(text: str) -> str:
    return text.replace("%", "%25")


def _property(text: str) -> str:
    return _data(harmless(text, 300)).replace(":", "%3A").replace(",", "%2C")
