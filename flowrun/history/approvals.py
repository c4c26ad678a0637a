"""What people were asked about the tasks of a run, and what they have answered, from the events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from ..iso_time import iso

INDEX = "CREATE INDEX approvals_of_run ON events (run, seq) WHERE kind = 'approval'"
"""Few events are of this kind, and they are asked for with every list of tasks."""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """What was asked about a task. Times are seconds of Unix time."""

    question: str
    since: float
    until: float | None
    """When the answer is not awaited any more."""
    otherwise: str
    """What follows then: `reject`, `approve` or `stop`."""
    answer: str | None = None
    """`approved`, `rejected` or `timed out`; None: there is none yet."""
    by: str = ""
    at: float | None = None
    """When it was answered."""
    comment: str = ""

    def record(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "question": self.question,
            "since": iso(self.since),
            "until": iso(self.until),
            "otherwise": self.otherwise,
            "answer": self.answer,
            "by": self.by,
            "at": iso(self.at),
            "comment": self.comment,
        }

    @property
    def waits(self) -> str:
        """Why the task waits; empty if it was answered."""
        return f"waits for an approval: {self.question}" if self.answer is None else ""

    @property
    def told(self) -> str:
        """`approved by anna: go ahead`; empty if nobody has answered."""
        if self.answer is None:
            return ""
        by = f" by {self.by}" if self.by else ""
        return f"{self.answer}{by}{f': {self.comment}' if self.comment else ''}"


def approvals_of(connection: Connection, run: int, began: float) -> dict[str, ApprovalRow]:
    """The last question about each task. One that nobody has answered counts only since the run `began`, or goes on."""
    found: dict[str, ApprovalRow] = {}
    events = connection.execute(
        "SELECT at, task, detail FROM events WHERE run = ? AND kind = 'approval' ORDER BY seq", (run,)
    )
    for at, task, text in events:
        detail = json.loads(text)
        asked = found.get(task) or ApprovalRow(detail["question"], at, None, "reject")
        found[task] = _answered(asked, at, detail) if detail.get("answer") else _asked(at, detail)
    return {task: row for task, row in found.items() if row.answer is not None or row.since >= began}


def _asked(at: float, detail: Mapping[str, Any]) -> ApprovalRow:
    return ApprovalRow(detail["question"], at, _seconds(detail.get("until")), detail.get("otherwise", "reject"))


def _answered(asked: ApprovalRow, at: float, detail: Mapping[str, Any]) -> ApprovalRow:
    said, by, comment = detail["answer"], detail.get("by", ""), detail.get("comment", "")
    return replace(asked, answer=said, by=by, at=at, comment=comment)


def _seconds(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()
