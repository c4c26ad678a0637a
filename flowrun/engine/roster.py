"""Roster: who carries each task, and under which limits it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..jobdefinition.task_definition import TaskDefinition
from .entry import Added
from .job import Job
from .slots import ALL, Admission, OutsideLimit


class Roster:
    """The tasks of the job, and those that were added while it ran."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._executor_of = dict(job.executor_of)
        self._given: dict[str, Mapping[str, str]] = {}
        self._group_of: dict[str, str | None] = {}
        self._names: dict[tuple[str | None, str, str | None], tuple[str, ...]] = {}

    def executor(self, name: str) -> str:
        """The name of the executor of a task; empty for a group."""
        return self._executor_of.get(name, "")

    def given(self, name: str) -> Mapping[str, str]:
        """The encoded parameters of a task that was added."""
        return self._given.get(name, {})

    def admission(self) -> Admission:
        """By what rules the tasks of the job start."""
        return Admission(self._slots(), self._limits_of_task, self._job.usual)

    def _slots(self) -> dict[str, int | OutsideLimit]:
        """Numbers by the name of the limit, and limits that are shared with other jobs."""
        job = self._job
        limits: dict[str, int | OutsideLimit] = {f"pool {name}": slots for name, slots in job.pools.items()}
        if job.config.max_concurrency > 0:
            limits[ALL] = job.config.max_concurrency
        for name, executor in job.executors.items():
            if (most := executor.max_slots) is not None:
                limits[f"executor {name}"] = most
        for name in job.graph.members:
            if (most := job.tasks[name].max_concurrency) is not None:
                limits[f"group {name}"] = most
        return limits

    def _limits_of_task(self, name: str) -> tuple[str, ...]:
        return self._limits_of(self._job.tasks[name], name, self._job.graph.parents.get(name))

    def take_in(self, by: str, records: Iterable[Mapping[str, Any]]) -> Sequence[Added]:
        """Tasks that `by` added. Raises LookupError for a taken name, and an executor or pool that is not used."""
        while by not in self._executor_of:  # an item: it is of its fan
            by = by.rpartition("[")[0]
        return [self._added(by, record) for record in records]

    def _added(self, origin: str, record: Mapping[str, Any]) -> Added:
        name = record["name"]
        if name in self._executor_of or name in self._job.tasks:
            raise LookupError(f"the name {name!r} is taken: another task of the job has it")
        definition = TaskDefinition.model_validate(record["definition"])
        if definition.pool and definition.pool not in self._job.pools:
            there = ", ".join(self._job.pools) or "none"
            raise LookupError(f"{name!r} asks for the pool {definition.pool!r}; this job uses: {there}")
        executor = definition.executor or record["executor"]
        if executor not in self._job.executors:
            if definition.executor:
                there = ", ".join(self._job.executors)
                raise LookupError(f"{name!r} asks for the executor {executor!r}; this job uses: {there}")
            executor = self._executor_of[origin]
        self._executor_of[name] = executor
        self._given[name] = record["given"]
        self._group_of[name] = group = self._group_of.get(origin) or self._job.graph.parents.get(origin)
        return Added(name, definition, self._limits_of(definition, name, group), record["stands_in"])

    def _limits_of(self, task: TaskDefinition, name: str, group: str | None) -> tuple[str, ...]:
        key = (task.pool, self.executor(name), group)
        found = self._names.get(key)
        if found is None:
            pool, executor = f"pool {task.pool}", f"executor {key[1]}"
            found = self._names[key] = (pool, executor, *self._groups_with_limits(group))
        return found

    def _groups_with_limits(self, group: str | None) -> Iterator[str]:
        while group is not None:
            if self._job.tasks[group].max_concurrency is not None:
                yield f"group {group}"
            group = self._job.graph.parents.get(group)
