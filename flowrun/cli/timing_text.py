"""Where the time of a run went: its slowest tasks and its critical path, in words."""

from __future__ import annotations

from ..duration import duration
from ..engine.report import Report, TaskReport
from .printable import harmless

_MOST_SLOW = 5
_MOST_ON_PATH = 12


def timing_lines(report: Report) -> list[str]:
    """`slowest` and `critical path`, a line each; nothing if fewer than two tasks were started."""
    slowest = report.slowest(_MOST_SLOW)
    if len(slowest) < 2:
        return []
    path = report.critical_path
    whole = f"{duration(sum(task.seconds for task in path))} of {duration(report.seconds)}"
    return [
        f"slowest: {', '.join(f'{harmless(task.name)} {duration(task.seconds)}' for task in slowest)}",
        f"critical path: {' → '.join(_names(path))} ({whole})",
    ]


def _names(path: list[TaskReport]) -> list[str]:
    names = [harmless(task.name) for task in path]
    if len(names) <= _MOST_ON_PATH:
        return names
    half = _MOST_ON_PATH // 2
    return [*names[:half], f"{len(names) - 2 * half} more", *names[-half:]]
