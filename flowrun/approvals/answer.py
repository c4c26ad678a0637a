"""Answer: what a person, or nobody in time, has said to a question."""

from __future__ import annotations

from typing import Any, Literal, Self

from ..dataclass import dataclass

Said = Literal["approved", "rejected", "timed out"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to a question. `at` is in seconds of Unix time."""

    to: str
    """The id of the question."""
    said: Said
    at: float
    by: str = ""
    comment: str = ""

    def body(self) -> dict[str, Any]:
        """The JSON form."""
        return {"to": self.to, "answer": self.said, "by": self.by, "at": self.at, "comment": self.comment}

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Self:
        """The answer with this JSON form. Raises KeyError, TypeError or ValueError if it is none."""
        said = body["answer"]
        if said not in ("approved", "rejected", "timed out"):
            raise ValueError(said)
        return cls(str(body["to"]), said, float(body["at"]), str(body["by"]), str(body["comment"]))

    @property
    def by_whom(self) -> str:
        """`by anna: not today`."""
        named = f" by {self.by}" if self.by else ""
        return f"{named}: {self.comment}" if self.comment else named
