"""Beginnings: what the tasks of a job begin with, and whether and for what they begin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ..attempt import Attempt, Outcome, Reason
from ..errors import FlowrunError
from ..executors.executor import Executor
from .given import NOTHING
from .inbox import Happened
from .job import Job
from .plan import Plan
from .restart import RestartPlan
from .results import Results
from .roster import Roster

if TYPE_CHECKING:
    from .inputs import Inputs


class Beginnings:
    """Makes attempts and fills in expressions."""

    def __init__(
        self, job: Job, start: RestartPlan, plan: Plan, roster: Roster, results: Results, started: datetime
    ) -> None:
        self._job = job
        self._start = start
        self._plan = plan
        self._roster = roster
        self._results = results
        self._started = started

    def attempt(self, name: str, number: int) -> tuple[Attempt, Executor]:
        """An attempt, and who carries it. Raises FlowrunError if something cannot be filled in."""
        task, base = self._plan.definition(name), self._plan.base(name)
        executor = self._job.executors[self._roster.executor(base)]
        given = NOTHING
        if base in self._job.needing_inputs:
            given = self._inputs.given(name, is_resident=executor.is_resident)
        attempt = Attempt(
            run_id=self._job.run_id,
            job_name=self._job.name,
            task=name,
            variant=task.variant,
            number=number,
            parameters=task.parameters,
            given=given.encoded or self._roster.given(name),
            live=given.live,
            env=given.env or task.env,
            secrets=given.secrets,
            timeout_seconds=task.timeout,
            at_most_once=task.at_most_once,
            may_be_under_way=self._plan.may_be_under_way(name, number),
            declared=given.declared,
            depends_on=task.depends_on,
            is_restart=name in self._start.restarted,
        )
        return attempt, executor

    def decided(self, name: str) -> Happened:
        """What the plan is to be told: whether the condition of a task is true, or that nobody can say."""
        return self._or_refused(name, lambda: partial(self._plan.decided, name, self._inputs.holds(name)))

    def expanded(self, name: str) -> Happened:
        """What the plan is to be told: for which items a task is performed, or that nobody can say."""
        return self._or_refused(name, lambda: partial(self._plan.expanded, name, *self._items(name)))

    def _or_refused(self, name: str, told: Callable[[], Happened]) -> Happened:
        try:
            return told()
        except FlowrunError as error:
            return self.refused(name, error)

    def refused(self, name: str, error: FlowrunError) -> Happened:
        """What the plan is to be told of a task that cannot begin."""
        return partial(self._plan.refused, name, not_started(error))

    def question(self, name: str) -> str:
        """What a person is asked about a task. Raises FlowrunError if something cannot be filled in."""
        approval, expressions = self._plan.definition(name).approve, self._job.expressions.get(name)
        assert approval is not None, "somebody is to be asked"
        is_filled = expressions is not None and expressions.question is not None
        return self._inputs.question(name) if is_filled else approval.question

    def _items(self, name: str) -> tuple[list[str], int]:
        """The keys of the items for which a task is performed, and how many of them may fail."""
        from ..items.failures import failures_allowed

        items = self._inputs.items(name)
        return list(items.keys()), failures_allowed(self._plan.definition(name).allow_failures, len(items))

    @cached_property
    def _inputs(self) -> Inputs:
        """Only a job with expressions needs it."""
        from .inputs import Inputs

        facts = {
            "id": self._job.run_id,
            "job": self._job.name,
            "started": self._start.started or self._started.isoformat(),
            "is_restart": self._start.is_restart,
        }
        return Inputs(self._job, self._plan, self._results, facts)


def not_started(error: FlowrunError) -> Outcome:
    """The outcome of an attempt that could not be made; another try would not change that."""
    names = (type(error).__name__, "FlowrunError", "Exception", "BaseException")
    return Outcome.failed(str(error), Reason.NOT_STARTED).but(error_types=names, is_final=True)
