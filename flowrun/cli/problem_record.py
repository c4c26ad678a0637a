"""The JSON form of a mistake in a job file."""

from __future__ import annotations

from typing import Any

from ..problem import Problem


def problem_record(problem: Problem) -> dict[str, Any]:
    """Code, message, place, path, and what to do."""
    place = problem.place
    return {
        "code": problem.code,
        "message": problem.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "path": problem.path,
        "hint": problem.label,
        "notes": list(problem.notes),
    }
