"""Asking: whether people are asked in a run, and what becomes of their answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from .announcer import Announcer
from .inbox import Put
from .job import Job
from .plan import Plan
from .surroundings import Surroundings

if TYPE_CHECKING:
    from .approvals import Approvals


class Asking:
    """The approvals of a run. One in which nobody is asked loads nothing for them."""

    def __init__(
        self,
        job: Job,
        plan: Plan,
        announcer: Announcer,
        put: Put,
        surroundings: Surroundings,
        used: Collection[str],
    ) -> None:
        """`used` are the ids of questions whose answers are kept."""

        def made() -> Approvals:
            from .approvals import Approvals

            return Approvals(job, plan, announcer, put, surroundings, used)

        self._job = job
        self._made = made
        self._approvals: Approvals | None = None

    def ask(self, name: str, question: str) -> None:
        """Ask a person about a task. Raises StateError if the question cannot be written."""
        if self._approvals is None:
            self._approvals = self._made()
        self._approvals.ask(name, question)

    def records(self) -> Mapping[str, dict[str, Any]]:
        """The answers that have come and are to be kept before anything follows from them, by task."""
        return {} if self._approvals is None else self._approvals.records()

    def kept(self) -> None:
        """These are kept."""
        if self._approvals is not None:
            self._approvals.kept()

    @property
    def postponed(self) -> dict[str, str]:
        """The questions of tasks that wait longer than this run."""
        return {} if self._approvals is None else dict(self._approvals.postponed)

    def close(self, *, is_over: bool, is_restart: bool) -> None:
        """A run that `is_over` for good leaves no questions, nor those that an earlier life of it has asked."""
        if self._approvals is not None:
            self._approvals.close(is_over=is_over)
        elif is_over and is_restart and any(it.approve is not None for it in self._job.tasks.values()):
            from ..approvals import Desk

            Desk(self._job.root).withdraw_run(self._job.run_id)

    def fall_silent(self) -> None:
        """Look for no more answers."""
        if self._approvals is not None:
            self._approvals.fall_silent()
