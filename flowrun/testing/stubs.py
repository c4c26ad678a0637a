"""Stubs: answers that stand in for tasks of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..app import OpenJob
from ..errors import UsageError
from ..jobdefinition.parts import ExecutorDefinition
from .fake_executor import FakeExecutor

_NAME = "stubs of the test"


def with_stubs(job: OpenJob, stubs: Mapping[str, Any]) -> OpenJob:
    """The job with answers in the place of some tasks; see FakeExecutor. Raises UsageError for a name it has not."""
    if not stubs:
        return job
    for name in stubs:
        _refuse_unknown(name, job)
    bases = {name if name in job.definition.tasks else name.partition("[")[0] for name in stubs}
    definition, checked = job.definition, job.checked
    ours = ExecutorDefinition(variant=FakeExecutor.__name__, parameters={"answers": dict(stubs)})
    return replace(
        job,
        definition=definition.model_copy(update={"executors": {**definition.executors, _NAME: ours}}),
        checked=replace(
            checked,
            executors={**checked.executors, _NAME: FakeExecutor},
            executor_of={**checked.executor_of, **dict.fromkeys(bases, _NAME)},
        ),
    )


def _refuse_unknown(name: str, job: OpenJob) -> None:
    tasks = job.definition.tasks
    base = name if name in tasks else name.partition("[")[0]
    if base not in tasks:
        from difflib import get_close_matches

        near = get_close_matches(name, tasks, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"there is a stub for {name!r}, and job {job.name!r} has no such task{hint}")
    if tasks[base].is_group:
        raise UsageError(f"there is a stub for the group {name!r}: give stubs for its members")
