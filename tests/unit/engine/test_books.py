"""Books: what is kept of a run, what the world may hear of it, and what the report is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from flowrun.attempt import Outcome
from flowrun.checkpointer.checkpointer import CheckpointContents, Checkpointer, Commit
from flowrun.engine.books import Books
from flowrun.engine.job import Job
from flowrun.engine.keeper import Keeper
from flowrun.engine.plan import Plan
from flowrun.engine.restart import plan_fresh
from flowrun.engine.selection import Selection
from flowrun.eventbus.execution import ExecutionState
from flowrun.secrets.mask import Mask

from .jobs import job_of

S = ExecutionState
AT = datetime(2026, 11, 22, tzinfo=UTC)
SAID = {"a": {"to": "12", "answer": "approved"}}


class Notebook(Checkpointer):
    """Records every commit, until it is full."""

    records_commits: ClassVar[bool] = True
    room: int = 100
    kept: list[Commit] = Field(default_factory=list)

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        """Only commits are wanted."""

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        raise NotImplementedError

    async def clear_checkpoint(self, name: str) -> None:
        """Nothing is cleared."""

    async def record(self, name: str, commits: Sequence[Commit]) -> None:
        if len(self.kept) + len(commits) > self.room:
            raise OSError("no space left")
        self.kept += commits


class Run:
    """The books of a job whose tasks have begun."""

    def __init__(self, root: Path, tasks: dict[str, dict[str, Any]], **more: Any) -> None:
        self.notebook = more.setdefault("checkpointer", Notebook())
        self.job: Job = job_of(root, tasks, **more)
        self.plan = Plan(self.job.tasks, self.job.graph)
        start = plan_fresh("12ab", self.job.graph, Selection())
        self.lost: list[str] = []
        self.books = Books(
            self.job, self.plan, Keeper(self.job, start, self.plan, None), lambda: self.lost.append("state")
        )
        self.plan.begin()

    def kept(self) -> list[tuple[str, ExecutionState, Outcome | None]]:
        """Keep what has moved; gives what the world hears of it."""
        moves = asyncio.run(self.books.keep(self.plan.take_moves(), AT))
        return [(move.name, move.to_state, move.outcome) for move in moves]


def test_what_moved_is_kept_and_noted(tmp_path: Path) -> None:
    """With the result, for those who come after, and in the report."""
    run = Run(tmp_path, {"a": {}, "b": {"dependencies": ["a"]}})
    run.plan.finished("a", Outcome.completed(result="7"))

    assert run.kept()[-2:] == [("a", S.COMPLETED, Outcome.completed(result="7")), ("b", S.RUNNING, None)]
    assert [(commit.task, commit.state, commit.result) for commit in run.notebook.kept] == [
        ("a", "R", None),
        ("a", "C", "7"),
        ("b", "R", None),
    ]
    assert run.books.results.value("a") == 7
    assert {name: (report.state, report.attempts) for name, report in run.books.task_reports().items()} == {
        "a": (S.COMPLETED, 1),
        "b": (S.RUNNING, 1),
    }


def test_what_cannot_be_kept_is_told_once_and_nothing_more_is_kept(tmp_path: Path) -> None:
    """The report is made all the same."""
    run = Run(tmp_path, {"a": {}}, checkpointer=Notebook(room=1))
    run.kept()
    run.plan.finished("a", Outcome.failed("no rows"))
    run.kept()

    assert run.books.error == "checkpointer Notebook failed in record: OSError: no space left"
    assert not asyncio.run(run.books.keep_answers(SAID, AT))
    assert run.lost == ["state"]
    assert run.books.task_reports()["a"].state is S.FAILED


def test_answers_are_kept(tmp_path: Path) -> None:
    """Each as a commit of a task that waits."""
    run = Run(tmp_path, {"a": {}})

    assert asyncio.run(run.books.keep_answers(SAID, AT))
    assert [(commit.task, commit.state, commit.approval) for commit in run.notebook.kept] == [("a", "P", SAID["a"])]


def test_no_secret_in_an_error_is_kept_or_told(tmp_path: Path) -> None:
    """Whoever hears of the move hears what is kept."""
    run = Run(tmp_path, {"a": {}}, mask=Mask(["swordfish"]))
    run.plan.finished("a", Outcome.failed("no swordfish"))

    assert run.kept()[-1] == ("a", S.FAILED, Outcome.failed("no ***"))
    assert run.notebook.kept[-1].reason == "no ***"
