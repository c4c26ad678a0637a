"""What is wrong with a job file, and where."""

from __future__ import annotations

from .dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file. `line` and `column` count from 1; 0 means that it is not known."""

    file: str
    line: int = 0
    column: int = 0
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: a stable code, one sentence, the place, and the next step.

    `label` stands beside the caret, `notes` are lines of their own below it (what is allowed, where it came from).
    `path` is the key path in the job file, as in `tasks.load.dependencies[0]`.
    """

    code: str
    message: str
    place: Place
    path: str = ""
    label: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        hint = f" ({self.label})" if self.label else ""
        return f"{self.place}: {self.message}{hint}"
