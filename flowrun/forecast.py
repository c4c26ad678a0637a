"""Forecast: what a plan says of tasks that may be up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

from . import values
from .assemble import OpenJob, make_examiner
from .attempt import Attempt
from .checkpointer.checkpointer import CheckpointContents
from .dataclass import dataclass
from .engine.restart import PlanRow, RestartPlan
from .environment import Environment
from .errors import ExpressionError, FlowrunError
from .expressions.of_task import expressions_of
from .expressions.scope import Scope
from .freshness.examiner import UP_TO_DATE, Finding, moment
from .freshness.survey import UnfitError
from .jobdefinition.task_definition import TaskDefinition
from .request import RunRequest
from .values.file_store import FileStore

_LATER = "decided when it is due"


def with_forecast(
    plan: RestartPlan, job: OpenJob, request: RunRequest, contents: CheckpointContents | None
) -> RestartPlan:
    """The plan, in which tasks that are up to date are kept, and of others it is said why they run."""
    return _Forecast(plan, job, request, contents).plan()


class _Forecast:
    """Looks at the tasks in the order in which they would run."""

    def __init__(
        self, plan: RestartPlan, job: OpenJob, request: RunRequest, contents: CheckpointContents | None
    ) -> None:
        self._plan = plan
        self._job = job
        self._request = request
        self._examiner = make_examiner(job)
        self._rows = {row.task: row for row in plan.rows}
        store = FileStore(job.root, job.name, plan.run_id)
        self._ends = {name: _End(text, store) for name, text in (contents.results if contents else {}).items()}

    def plan(self) -> RestartPlan:
        needs = self._job.graph.needs
        for name in TopologicalSorter({one: needs[one] for one in self._job.graph.names}).static_order():
            if self._rows[name].is_to_run:
                self._look_at(name, self._job.definition.tasks[name])
        return replace(self._plan, rows=tuple(self._rows[row.task] for row in self._plan.rows))

    def _look_at(self, name: str, task: TaskDefinition) -> None:
        members = self._job.graph.members.get(name)
        if members:
            if not any(self._rows[member].is_to_run for member in members):
                self._rows[name] = PlanRow(name, "keep", "nothing in it is to run")
        elif task.may_be_up_to_date:
            self._rows[name] = self._row(name, task)

    def _row(self, name: str, task: TaskDefinition) -> PlanRow:
        if self._request.verify or self._request.is_forced(name):
            return self._to_run(name, "asked for")
        try:
            finding = self._finding(name, task)
        except UnfitError as error:
            return self._to_run(name, _LATER if self._waits(name) else str(error))
        except ExpressionError:
            return self._to_run(name, _LATER)
        if finding is None or (finding.why and task.inputs and self._waits(name)):
            return self._to_run(name, _LATER)
        if finding.why or finding.earlier is None:
            return self._to_run(name, finding.why)
        self._ends[name] = _End(finding.earlier.outcome.result or "null", self._examiner.values(name))
        return PlanRow(name, "keep", f"{UP_TO_DATE}: inputs and parameters as on {moment(finding.earlier.at)}")

    def _finding(self, name: str, task: TaskDefinition) -> Finding | None:
        """What is found out now; None if it depends on what tasks do that are still to run."""
        if task.is_fan or any(map(self._is_fan, self._around(name))) or (task.inputs and self._waits(name)):
            return None
        return self._examiner.examine(self._attempt(name, task), task)

    def _attempt(self, name: str, task: TaskDefinition) -> Attempt:
        plain = Attempt(self._plan.run_id, self._job.name, name, task.variant, parameters=task.parameters, env=task.env)
        expressions = expressions_of(task)
        if expressions is None:
            return plain
        scope = self._scope(name)
        return replace(
            plain,
            live={key: template.fill(scope) for key, template in expressions.parameters.items()},
            env={**task.env, **{key: str(template.fill(scope)) for key, template in expressions.env.items()}},
            declared={key: template.fill(scope) for key, template in expressions.declared.items()},
        )

    def _scope(self, name: str) -> Scope:
        job = self._job
        facts = {"id": self._plan.run_id, "job": job.name, "started": self._plan.started, "is_restart": False}
        return Scope(
            tasks=_Ends(name, job, self._ends),
            vars=job.loaded.flat.vars_of(name, job.vars),
            env=Environment(job.environ, job.root),
            secrets=job.checked.secrets or {},
            run=facts,
        )

    def _waits(self, name: str) -> bool:
        """A task that comes before it is to run."""
        return any(self._rows[before].is_to_run for before in self._job.graph.needs[name])

    def _around(self, name: str) -> Iterator[str]:
        return self._job.loaded.flat.groups_around(name)

    def _is_fan(self, name: str) -> bool:
        return self._job.definition.tasks[name].is_fan

    def _to_run(self, name: str, why: str) -> PlanRow:
        row = self._rows[name]
        return replace(row, why=f"{row.why}; {why}" if row.why else why)


@dataclass(frozen=True, slots=True)
class _End:
    """The result of a task that is not to run again."""

    text: str
    store: FileStore

    @property
    def result(self) -> Any:
        try:
            return values.decode(self.text, self.store)
        except FlowrunError as error:
            raise ExpressionError(str(error)) from error

    @property
    def state(self) -> str:
        return "COMPLETED"


class _Ends(Mapping[str, _End]):
    """What became of tasks, by the names that a task has for them; without those that are to run."""

    def __init__(self, at: str, job: OpenJob, ends: Mapping[str, _End]) -> None:
        self._at = at
        self._flat = job.loaded.flat
        self._ends = ends

    def __getitem__(self, name: str) -> _End:
        return self._ends[self._flat.resolve(self._at, name) or name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ends)

    def __len__(self) -> int:
        return len(self._ends)
