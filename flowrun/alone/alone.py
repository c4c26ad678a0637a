"""Alone: one task of a job, performed with the inputs of a run that is kept, or with given ones."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field, replace
from typing import Any

from ..app import OpenJob, RunRequest, Selection
from ..assemble import make_executors, open_checkpointer
from ..bundled import BUNDLED, bundled_class
from ..checkpointer.checkpointer import CheckpointContents
from ..continuation import encoded_shared, looked_up
from ..default_executor import default_executor
from ..engine.report import Report, TaskReport
from ..errors import NoCheckpointAvailableError, UsageError
from ..eventbus.execution import ExecutionState
from ..jobdefinition.parts import CheckpointerDefinition, ExecutorDefinition
from ..jobdefinition.task_definition import TaskDefinition
from ..loggers.logger import Logger
from ..values.file_store import FileStore
from .lacking import did_you_mean, refuse_foreign_inputs, refuse_lacking, refuse_unknown, refuse_without_class
from .one_item import OneItem
from .remembered import Remembered
from .wish import LAST, Wish

_COMPLETED, _INIT = ExecutionState.COMPLETED.value, ExecutionState.INIT.value
_NOT_HELD_UP = {"when": None, "approve": None}
_UNCONDITIONALLY = {
    **_NOT_HELD_UP,
    "run_if": "success",
    "max_attempts": 1,
    "cache": False,
    "inputs": (),
    "outputs": (),
}
_PATIENTLY = {"timeout": None}
"""A person is looking."""


@dataclass(frozen=True)
class Alone:
    """What is asked for to perform one task, and what came of it."""

    request: RunRequest
    store: FileStore
    """Has the large values; to be removed afterwards."""
    task: str
    base: str
    """The name of the fan, of one of its items; else of the task."""
    items: set[str] = field(default_factory=set)
    """The names of the items, when it has ended."""

    def ended(self, report: Report) -> TaskReport:
        """How the task ended. Raises UsageError if the fan has no such item."""
        base = report.tasks[self.base]
        is_there = self.task == self.base or self.task in self.items
        if not is_there and base.state is ExecutionState.COMPLETED:
            raise UsageError(f"task {self.base!r} has no item {self.task!r}{did_you_mean(self.task, self.items)}")
        return report.tasks.get(self.task, base)

    def result(self, values: Any) -> Any:
        """Its result, from that of the task or fan in plain form: the other items of a fan have none."""
        if self.task == self.base:
            return values
        return next((value for value in values or () if value is not None), None)


def alone(job: OpenJob, wish: Wish, log: Logger) -> Alone:
    """What is to be asked for to perform just this task, or this item of a fan, with the results of a run.

    Raises UsageError if it needs the result of a task that did not complete in the run, and is not given it.
    """
    task, executor = wish.task, wish.executor
    base = task if task in job.definition.tasks or not task.endswith("]") else _fan(job, task)
    refuse_unknown(job, base)
    refuse_without_class(job, base, executor=executor, debugs=wish.debugs)
    refuse_foreign_inputs(job, base, wish.inputs)
    definition = _held_up_by_nothing(job.definition.tasks[base], wish)
    if wish.debugs:
        job, executor = _with_debugger(job, base), executor or _in_this_process(job, base)
    kept = _kept(job, wish.run) if wish.run else CheckpointContents(job.name, {}, {})
    completed = {name for name in kept.states.get(_COMPLETED, ()) if not _is_within(name, base)}
    refuse_lacking(job, base, definition, completed, wish.run)
    items: set[str] = set()
    reduced = _with_executor(_with_task(job, base, definition), base, executor)
    if task != base:
        reduced = _with_one_item(reduced, base, task, items)
    store = FileStore(job.root, job.name, os.urandom(4).hex())
    store.take_over(FileStore(job.root, job.name, kept.run_id))
    contents = _contents(job, kept, completed, store.run_id)
    request = RunRequest(
        _remembering(reduced, contents),
        restart=True,
        selection=Selection(only=(base,)),
        on_overlap="allow",
        is_silent=True,
        loggers={"of the command line": log},
    )
    return Alone(request, store, task, base, items)


def _held_up_by_nothing(own: TaskDefinition, wish: Wish) -> TaskDefinition:
    parameters = {**own.parameters, **wish.inputs}
    return own.model_copy(update={**_UNCONDITIONALLY, **(_PATIENTLY if wish.debugs else {}), "parameters": parameters})


def _fan(job: OpenJob, item: str) -> str:
    """The fan whose item this is; the name itself, if there is none."""
    cuts = (item[:at] for at, sign in enumerate(item) if sign == "[")
    return next((name for name in cuts if name in job.definition.tasks and job.definition.tasks[name].is_fan), item)


def _kept(job: OpenJob, run: str) -> CheckpointContents:
    request = RunRequest(job, restart=True if run == LAST else run)
    contents = asyncio.run(looked_up(open_checkpointer(job), job.name, request))
    if contents is None:
        raise NoCheckpointAvailableError(f"no unfinished run of job {job.name!r} is kept")
    return contents


def _is_within(name: str, task: str) -> bool:
    """It is the task, one of its items, or was added by it."""
    return name == task or name.startswith((f"{task}[", f"{task}/"))


def _contents(job: OpenJob, kept: CheckpointContents, completed: set[str], run_id: str) -> CheckpointContents:
    """The run as it would be if nothing but the completed tasks had ever started."""
    return CheckpointContents(
        name=job.name,
        states={_COMPLETED: completed, _INIT: set(job.definition.tasks) - completed},
        shared_dict=encoded_shared(open_checkpointer(job), kept) if kept.shared_dict else {},
        run_id=run_id,
        results={name: text for name, text in kept.results.items() if name in completed},
        added={
            name: records
            for name, records in kept.added.items()
            if name in completed and all(record["name"] in completed for record in records)
        },
        started=kept.started,
    )


def _with_task(job: OpenJob, name: str, definition: TaskDefinition) -> OpenJob:
    """The job with another definition of a task, and without conditions and approvals of the groups around it."""
    tasks = {
        other: one if one.when is None and one.approve is None else one.model_copy(update=_NOT_HELD_UP)
        for other, one in job.definition.tasks.items()
    }
    return replace(job, definition=job.definition.model_copy(update={"tasks": {**tasks, name: definition}}))


def _with_executor(job: OpenJob, task: str, name: str) -> OpenJob:
    """The job with a task carried by another executor, if one is named."""
    checked = job.checked
    if not name:
        return job
    if name not in checked.executors:
        cls = bundled_class("executor", name)
        if cls is None:
            known = dict.fromkeys([*checked.executors, *BUNDLED["executor"]])
            raise UsageError(f"no executor is called {name!r}; there are: {', '.join(known)}")
        checked = replace(checked, executors={**checked.executors, name: cls})
    return replace(job, checked=replace(checked, executor_of={**checked.executor_of, task: name}))


def _with_debugger(job: OpenJob, task: str) -> OpenJob:
    """The job with a class for the task that opens the debugger."""
    from .debugged import debugged

    classes = {**job.checked.tasks, task: debugged(job.checked.tasks[task])}
    return replace(job, checked=replace(job.checked, tasks=classes))


def _in_this_process(job: OpenJob, task: str) -> str:
    """The executor of a task that is to be performed where the terminal is."""
    return "async" if default_executor(job.checked.tasks[task]) == "async" else "thread"


def _with_one_item(job: OpenJob, fan: str, item: str, names: set[str]) -> OpenJob:
    """The job in which of a fan only one item is performed."""
    carrier = make_executors(job, job.definition.config)[job.checked.executor_of[fan]]
    ours = ExecutorDefinition(variant=OneItem.__name__, parameters={"item": item, "carrier": carrier, "names": names})
    executors, checked = {**job.definition.executors, item: ours}, job.checked
    return replace(
        job,
        definition=job.definition.model_copy(update={"executors": executors}),
        checked=replace(
            checked,
            executors={**checked.executors, item: OneItem},
            executor_of={**checked.executor_of, fan: item},
        ),
    )


def _remembering(job: OpenJob, contents: CheckpointContents) -> OpenJob:
    """The job of which nothing is kept, as the continuation of a run."""
    checkpointer = CheckpointerDefinition(variant=Remembered.__name__, parameters={"contents": contents})
    return replace(
        job,
        definition=job.definition.model_copy(update={"checkpointer": checkpointer}),
        checked=replace(job.checked, checkpointer=Remembered),
    )
