"""Question: what a person is asked before a task starts."""

from __future__ import annotations

from typing import Any, Literal, Self

from ..dataclass import dataclass

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
        until = body["until"]
        return cls(
            id=str(body["id"]),
            run=str(body["run"]),
            job=str(body["job"]),
            task=str(body["task"]),
            text=str(body["text"]),
            since=float(body["since"]),
            until=None if until is None else float(until),
            otherwise=body["otherwise"],
            pid=int(body["pid"]),
            birth=str(body["birth"]),
        )


_FIELDS = ("id", "run", "job", "task", "text", "since", "until", "otherwise", "pid", "birth")
