"""How far an attempt is, as it says itself."""

from __future__ import annotations

from typing import Any, Self

from ..attempt import Attempt
from ..dataclass import dataclass
from .event import serializable_event
from .execution import SerializableExecutionEvent

PROGRESS_SECONDS = 0.2
"""An attempt's progress is told at most so often."""
_LONGEST_MESSAGE = 300
_EXACT = 1 << 53
"""Up to here JSON keeps whole numbers, in every language."""
_MOST = 1e300


@dataclass(frozen=True, slots=True)
class Progress:
    """So much is done, of so much in all if that is known. A message may say what is being done, or of what."""

    done: float
    total: float | None = None
    message: str = ""

    @classmethod
    def checked(cls, done: Any, total: Any, message: Any) -> Self:
        """What a task has said. Raises ValueError for numbers that are negative or not finite, TypeError for others."""
        return cls(
            _number(done, "done"),
            None if total is None else _number(total, "total"),
            str(message)[:_LONGEST_MESSAGE],
        )

    @property
    def share(self) -> float | None:
        """From 0 to 1; None if it is not known of how much."""
        if self.total is None:
            return None
        return min(1.0, self.done / self.total) if self.total else 1.0

    def body(self) -> dict[str, Any]:
        """The JSON form."""
        return {"done": self.done, "total": self.total, "message": self.message}


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent(SerializableExecutionEvent):
    """An attempt of the task `name` says how far it is. Of many in quick succession the last one is told."""

    name: str
    attempt: int = 1
    done: float
    total: float | None = None
    message: str = ""

    @classmethod
    def of(cls, attempt: Attempt, progress: Progress) -> Self:
        """What this attempt says."""
        return cls(
            name=attempt.task,
            attempt=attempt.number,
            job_name=attempt.job_name,
            done=progress.done,
            total=progress.total,
            message=progress.message,
        )

    @property
    def progress(self) -> Progress:
        """What it says."""
        return Progress(self.done, self.total, self.message)


def _number(value: Any, name: str) -> float:
    """A plain number, whatever kind of number it was."""
    plain: float = value.__index__() if hasattr(value, "__index__") else float(value)
    if not 0 <= plain <= _MOST:  # neither is true of NaN
        raise ValueError(f"progress: {name} is to be a finite number that is not negative, not {value!r}")
    return plain if plain <= _EXACT else float(plain)
