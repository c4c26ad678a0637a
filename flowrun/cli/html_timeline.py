"""The timeline of the HTML report: a bar for each attempt of the last start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..duration import duration
from .html_text import text
from .past_runs import TASK_WORDS

if TYPE_CHECKING:
    from ..history.rows import AttemptRow, TaskRow

_MOST_ROWS = 2000
_LEAST_SHARE = 1 / 200
"""What is shorter cannot be seen."""


def timeline(tasks: Sequence[TaskRow], attempts: Sequence[AttemptRow], zero: float) -> str:
    """The bars below the time since `zero`, when the run was started last; what waits is pale."""
    by_task: dict[str, list[AttemptRow]] = {}
    for attempt in attempts:
        by_task.setdefault(attempt.task, []).append(attempt)
    axis = _Axis(zero, max((_begun(it) + it.seconds for it in attempts), default=zero))
    shown = [task for task in tasks if task.name in by_task][:_MOST_ROWS]
    rows = "".join(_row(task, by_task[task.name], axis) for task in shown)
    if not rows:
        return ""
    ticks = "".join(f"<span>{duration(axis.seconds * part / 4)}</span>" for part in range(5))
    return (
        '<section aria-labelledby="time"><h2 id="time">Timeline</h2>'
        f'<div class="axis" aria-hidden="true">{ticks}</div><ol class="bars">{rows}</ol></section>\n'
    )


class _Axis:
    def __init__(self, zero: float, end: float) -> None:
        self.zero = zero
        self.seconds = max(end - zero, 0.001)

    def block(self, kind: str, begin: float, end: float, title: str) -> str:
        """A bar from one moment to another."""
        left, right = (min(max(at - self.zero, 0.0) / self.seconds, 1.0) * 100 for at in (begin, end))
        said = text(title[:300])
        return (
            f'<span class="bar {kind}" style="left:{left:.2f}%;width:{max(right - left, 0.2):.2f}%" title="{said}">'
            f'<span class="unseen">{said}</span></span>'
        )


def _begun(attempt: AttemptRow) -> float:
    """When it was begun, here or by a worker elsewhere."""
    return attempt.started if attempt.begun is None else attempt.begun


def _row(task: TaskRow, attempts: Sequence[AttemptRow], axis: _Axis) -> str:
    bars = "".join((*_waits(task, attempts, axis), *(_bar(it, axis) for it in attempts)))
    return f'<li><span class="name">{text(task.name)}</span><span class="lane">{bars}</span></li>'


def _waits(task: TaskRow, attempts: Sequence[AttemptRow], axis: _Axis) -> Iterator[str]:
    first = _begun(attempts[0])
    spans = [(first - task.waiting_seconds, first), *((it.started, _begun(it)) for it in attempts[1:])]
    for begin, end in spans:
        if end - begin > axis.seconds * _LEAST_SHARE:
            yield axis.block("waits", begin, end, f"waited {duration(end - begin)}")


def _bar(attempt: AttemptRow, axis: _Axis) -> str:
    title = f"attempt {attempt.number}: {TASK_WORDS[attempt.state]} after {duration(attempt.seconds)}"
    begin = _begun(attempt)
    return axis.block(attempt.state, begin, begin + attempt.seconds, f"{title} {attempt.message}".strip())
