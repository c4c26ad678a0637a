"""Alone: one task of a job, performed with the inputs of a run that is kept, or with given ones."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .app import OpenJob, RunRequest, Selection
from .assemble import open_checkpointer
from .bundled import BUNDLED, bundled_class
from .checkpointer.checkpointer import CheckpointContents
from .checkpointer.nothing import NoCheckpointer
from .continuation import encoded_shared, looked_up
from .errors import NoCheckpointAvailableError, UsageError
from .eventbus.execution import ExecutionState
from .jobdefinition.model import CheckpointerDefinition, TaskDefinition
from .loggers.logger import Logger
from .values.file_store import FileStore

LAST = "@last"
"""Names the newest unfinished run."""


class Remembered(NoCheckpointer):
    """Tells of a run and keeps nothing."""

    contents: Any = None
    """A CheckpointContents."""

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        """The run that it tells of."""
        contents: CheckpointContents = self.contents
        return contents


def alone(
    job: OpenJob, task: str, *, run: str = "", inputs: Mapping[str, Any], executor: str = "", log: Logger
) -> tuple[RunRequest, FileStore]:
    """The request to perform just this task, and the store of its large values, to be removed when it has ended.

    Raises UsageError if it needs the result of a task that did not complete in the run, and is not given it.
    """
    definition = _definition(job, task, inputs)
    kept = _kept(job, run) if run else None
    states = {} if kept is None else kept.states
    completed = {name for name in states.get(ExecutionState.COMPLETED.value, ()) if not _is_within(name, task)}
    _refuse_lacking(job, task, definition, completed, run)
    store = FileStore(job.root, job.name, os.urandom(4).hex())
    if kept is not None:
        store.take_over(FileStore(job.root, job.name, kept.run_id))
    contents = CheckpointContents(
        name=job.name,
        states={
            ExecutionState.COMPLETED.value: completed,
            ExecutionState.INIT.value: set(job.definition.tasks) - completed,
        },
        shared_dict={} if kept is None else encoded_shared(open_checkpointer(job), kept),
        run_id=store.run_id,
        results={} if kept is None else {name: text for name, text in kept.results.items() if name in completed},
        added={} if kept is None else kept.added,
        started="" if kept is None else kept.started,
    )
    request = RunRequest(
        _reduced(job, task, definition, contents, executor),
        restart=True,
        selection=Selection(only=(task,)),
        on_overlap="allow",
        is_silent=True,
        loggers={"of the command line": log},
    )
    return request, store


def _definition(job: OpenJob, task: str, inputs: Mapping[str, Any]) -> TaskDefinition:
    found = job.definition.tasks.get(task)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(task, job.definition.tasks, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"no task is named {task!r} in job {job.name!r}{hint}")
    if found.is_group:
        raise UsageError(f"{task!r} is a group; name one of its tasks")
    fields = job.checked.tasks[task].model_fields
    known = [field.alias or name for name, field in fields.items()]
    if job.checked.tasks[task].model_config.get("extra") != "allow" and (unknown := set(inputs) - set(known)):
        given = ", ".join(sorted(unknown))
        raise UsageError(f"task {task!r} has no parameter {given}; it has: {', '.join(known) or 'none'}")
    free = {"when": None, "run_if": "success", "max_attempts": 1, "cache": False, "inputs": (), "outputs": ()}
    return found.model_copy(update={**free, "parameters": {**found.parameters, **inputs}})


def _kept(job: OpenJob, run: str) -> CheckpointContents:
    request = RunRequest(job, restart=True if run == LAST else run)
    contents = asyncio.run(looked_up(open_checkpointer(job), job.name, request))
    if contents is None:
        raise NoCheckpointAvailableError(f"no unfinished run of job {job.name!r} is kept")
    return contents


def _is_within(name: str, task: str) -> bool:
    """It is the task, one of its items, or was added by it."""
    return name == task or name.startswith((f"{task}[", f"{task}/"))


def _refuse_lacking(job: OpenJob, task: str, definition: TaskDefinition, completed: set[str], run: str) -> None:
    for where, name in _needed(job, task, definition):
        if name in completed:
            continue
        why = f"did not complete in run {run}" if run else "is not performed"
        way = f"give it with `--input {where}=VALUE`" if where in definition.parameters else "it cannot be given"
        raise UsageError(
            f"task {task!r} needs the result of {name!r} for {where!r}, and {name!r} {why}: {way}"
            + ("" if run else f", or take it from a run with `--run {LAST}`")
        )


def _needed(job: OpenJob, task: str, definition: TaskDefinition) -> Iterator[tuple[str, str]]:
    """The tasks whose results its expressions name, each with the place of the expression."""
    from .expressions.of_task import expressions_of

    found = expressions_of(definition)
    if found is None:
        return
    places = {**found.parameters, **found.env, **({} if found.items is None else {"items": found.items})}
    for where, template in places.items():
        for reference in template.references:
            if reference.attribute == "result":
                yield where, job.loaded.flat.resolve(task, reference.task) or reference.task


def _reduced(
    job: OpenJob, task: str, definition: TaskDefinition, contents: CheckpointContents, executor: str
) -> OpenJob:
    """The job in which just this task is performed, under no condition, and nothing is kept."""
    tasks = {
        name: definition if name == task else one.model_copy(update={"when": None})
        for name, one in job.definition.tasks.items()
    }
    checkpointer = CheckpointerDefinition(variant=Remembered.__name__, parameters={"contents": contents})
    changed = job.definition.model_copy(update={"tasks": tasks, "checkpointer": checkpointer})
    checked = replace(job.checked, checkpointer=Remembered)
    if executor:
        if executor not in checked.executors:
            cls = bundled_class("executor", executor)
            if cls is None:
                known = dict.fromkeys([*checked.executors, *BUNDLED["executor"]])
                raise UsageError(f"no executor is called {executor!r}; there are: {', '.join(known)}")
            checked = replace(checked, executors={**checked.executors, executor: cls})
        checked = replace(checked, executor_of={**checked.executor_of, task: executor})
    return replace(job, definition=changed, checked=checked)
