"""Announcer: tells the world what happens to the tasks of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..eventbus import EventBus
from ..eventbus.execution import (
    ApprovalEvent,
    ExecutionState,
    ExecutionStateTransition,
    ExecutorNotice,
    ItemsFound,
    JobStopping,
    TaskWaiting,
    TransitionsEvent,
)
from .instruction import Move
from .plan import Plan

if TYPE_CHECKING:
    from ..approvals import Answer, Question


class Announcer:
    """Puts events on the bus. Nobody answers."""

    def __init__(self, bus: EventBus, plan: Plan, job_name: str, *, singly: bool, together: bool) -> None:
        """Who hears of moves hears of each `singly`, of those of one moment `together`, or both."""
        self._bus = bus
        self._is_heard_singly = singly
        self._is_heard_together = together
        self._plan = plan
        self._job_name = job_name
        self._waiting: set[str] = set()

    def moved(self, moves: Sequence[Move], at: datetime) -> None:
        """Tasks moved; a fan has found its items."""
        if not self._is_heard_singly and not self._is_heard_together:
            return
        if self._is_heard_together and moves:
            self._bus.put(TransitionsEvent(moves=moves, job_name=self._job_name, timestamp=at))
        for move in moves:
            if self._is_heard_singly:
                self._put(move, at)
            if move.to_state is ExecutionState.RUNNING and (fan := self._plan.fan(move.name)) is not None:
                items, kept = len(fan.members), fan.kept
                self._bus.put(ItemsFound(name=move.name, items=items, kept=kept, job_name=self._job_name, timestamp=at))

    def _put(self, move: Move, at: datetime) -> None:
        self._bus.put(
            ExecutionStateTransition(
                name=move.name,
                from_state=move.from_state,
                to_state=move.to_state,
                attempt=move.attempt,
                outcome=move.outcome,
                pause_seconds=move.pause_seconds,
                may_be_under_way=move.may_be_under_way,
                job_name=self._job_name,
                timestamp=at,
            )
        )

    def waiting(self, awaited: Mapping[str, str]) -> None:
        """Tasks wait for what other jobs have: said once of each."""
        for name, what in awaited.items():
            if name not in self._waiting:
                self._waiting.add(name)
                self._bus.put(TaskWaiting(name=name, what=what, job_name=self._job_name))

    def notice(self, executor: str, message: str) -> None:
        """An executor has something to say."""
        self._bus.put(ExecutorNotice(executor=executor, message=message, job_name=self._job_name))

    def stopping(self, why: str, running: int, grace_seconds: float) -> None:
        """The job ends early, and so many attempts have so long."""
        self._bus.put(JobStopping(why=why, running=running, grace_seconds=grace_seconds, job_name=self._job_name))

    def approval(self, question: Question, answer: Answer | None, at: datetime) -> None:
        """A person is asked about a task, or has answered."""
        from ..iso_time import iso  # few jobs ask anybody

        said = {} if answer is None else {"answer": answer.said, "by": answer.by, "comment": answer.comment}
        self._bus.put(
            ApprovalEvent(
                name=question.task,
                run=question.run,
                question=question.text,
                since=iso(question.since),
                until=iso(question.until),
                otherwise=question.otherwise,
                job_name=question.job,
                timestamp=at,
                **said,
            )
        )
