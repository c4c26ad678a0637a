"""Look: how a task is shown that stands somewhere: its sign, its word, its colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..history.rows import TaskRow


class Look(NamedTuple):
    """How a task is shown: a word beside every sign and every colour."""

    sign: str
    word: str
    colour: str
    """On a terminal."""
    fill: str
    """In a drawing."""
    ink: str
    """Its border there."""


_IDLE, _GOING, _HELD = ("#eef0f3", "#57606a"), ("#dbeafd", "#0b5fc4"), ("#fbeccd", "#8a5a00")

LOOKS: Mapping[str, Look] = {
    "COMPLETED": Look("✓", "completed", "green", "#d8f3de", "#1a7f37"),
    "FAILED": Look("✗", "failed", "red", "#ffdfe1", "#c2212b"),
    "DEFAULTED": Look("⊘", "blocked", "yellow", *_HELD),
    "ABORTED": Look("⊘", "interrupted", "yellow", *_HELD),
    "RUNNING": Look("●", "running", "blue", *_GOING),
    "PENDING": Look("○", "not started", "dim", *_IDLE),
    "SKIP": Look("–", "skipped", "dim", *_IDLE),
}
"""By the name of the state."""
_RETRYING = Look("↻", "retrying", "blue", *_GOING)
_ASKED = Look("⏸", "waits for an approval", "yellow", *_HELD)


def look_of(task: TaskRow, *, is_over: bool) -> Look:
    """That of a task in a run; `is_over` of the run. What waits shows for what, if it is a person or another try."""
    if task.state != "PENDING":
        return LOOKS[task.state]
    if task.approval is not None and task.approval.answer is None:
        return _ASKED
    return _RETRYING if task.attempts and not is_over else LOOKS["PENDING"]
