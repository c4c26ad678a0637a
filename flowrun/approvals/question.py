"""Question: what a person is asked before a task starts."""

from __future__ import annotations

from typing import Any, Literal, Self

from ..dataclass import dataclass

_YEAR_3000 = 32_503_680_000
"""Nobody asks so late; what is much later has no place in a calendar."""

_MOST_CHARACTERS = 10_000

Otherwise = Literal["reject", "approve", "stop"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked before a task starts. Times are seconds of Unix time."""

    id: str
    """Tells it from earlier questions about the same task."""
    run: str
    job: str
    task: str
    text: str
    since: float
    until: float | None = None
    """When an answer is not awaited any more."""
    otherwise: Otherwise = "reject"
    """What follows then."""
    pid: int = 0
    """The process that asks."""
    birth: str = ""
    """When that was started, in clock ticks since boot."""

    def body(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: getattr(self, name) for name in _FIELDS}

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Self:
        """The question with this JSON form. Raises KeyError, TypeError or ValueError if it is none."""
        until, otherwise = body["until"], body["otherwise"]
        if otherwise not in ("reject", "approve", "stop"):
            raise ValueError(otherwise)
        return cls(
            id=str(body["id"]),
            run=str(body["run"]),
            job=str(body["job"]),
            task=str(body["task"]),
            text=str(body["text"]),
            since=_moment(body["since"]),
            until=None if until is None else _moment(until),
            otherwise=otherwise,
            pid=int(body["pid"]),
            birth=str(body["birth"]),
        )


def shortened(text: str) -> str:
    """What is asked, cut where nobody reads on: it may have been filled in with anything, and is read in one go."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _moment(value: Any) -> float:
    """Seconds of Unix time that are a day in a calendar."""
    seconds = float(value)
    if not 0 <= seconds < _YEAR_3000:
        raise ValueError(value)
    return seconds


_FIELDS = ("id", "run", "job", "task", "text", "since", "until", "otherwise", "pid", "birth")
