"""Continuation: what is kept of an earlier run, and what this run does in its light."""

from __future__ import annotations

import os

from .assemble import OpenJob
from .checkpointer.checkpointer import CheckpointContents, Checkpointer
from .checkpointer.opened import opened
from .digests import digests_of
from .engine.restart import RestartPlan, plan_fresh
from .errors import CheckpointInvalidError, NoCheckpointAvailableError, StateError
from .request import RunRequest

_MOST_IDS = 5


async def contents_of(checkpointer: Checkpointer, name: str, request: RunRequest) -> CheckpointContents | None:
    """What is kept of the run to continue; None in a fresh run, and if nothing is kept and no run was named."""
    if request.restart is False:
        return None
    try:
        if isinstance(request.restart, str):
            return await checkpointer.read_run(name, request.restart)
        return await checkpointer.read_checkpoint(name)
    except NoCheckpointAvailableError as error:
        if isinstance(request.restart, str):
            hint = await _hint(checkpointer, name, request.restart)
            raise NoCheckpointAvailableError(f"{error}; {hint}") from error
        return None
    except CheckpointInvalidError as error:
        raise CheckpointInvalidError(f"{error}; a run without -r starts anew") from error
    except StateError:
        raise
    except Exception as error:  # the checkpointer may be the user's own
        kind = type(checkpointer).__name__
        raise CheckpointInvalidError(
            f"checkpointer {kind} could not read the checkpoint of job {name!r}: {type(error).__name__}: {error}"
        ) from error


async def looked_up(checkpointer: Checkpointer, name: str, request: RunRequest) -> CheckpointContents | None:
    """As `contents_of`, with a checkpointer that no run has opened."""
    if request.restart is False:
        return None
    async with opened(checkpointer):
        return await contents_of(checkpointer, name, request)


async def _hint(checkpointer: Checkpointer, name: str, run_id: str) -> str:
    """What is kept instead of a run that is not: the nearest ids of the job, or the job that the run is of."""
    try:
        kept = await checkpointer.list_checkpoints()
    except Exception:  # the checkpointer may be the user's own; why the run is not there has been said
        kept = []
    if others := [run for run in kept if run.name != name and run.run_id.startswith(run_id)]:
        return f"it is a run of job {others[0].name!r}"
    ids = [run.run_id for run in kept if run.name == name]
    if not ids:
        return "a run without -r starts anew; `flowrun checkpoints` lists what is kept of other jobs"
    from difflib import get_close_matches

    nearest = dict.fromkeys([*get_close_matches(run_id, ids, _MOST_IDS), *ids])
    return f"there are: {', '.join(list(nearest)[:_MOST_IDS])}; `flowrun checkpoints` tells more of them"


def encoded_shared(checkpointer: Checkpointer, contents: CheckpointContents) -> dict[str, str]:
    """The shared values of a checkpoint by encoded key, whatever form the checkpointer keeps them in."""
    if checkpointer.records_commits:
        return dict(contents.shared_dict)
    from . import values

    return {values.encode(key): values.encode(value) for key, value in contents.shared_dict.items()}


def plan_of(job: OpenJob, request: RunRequest, contents: CheckpointContents | None) -> RestartPlan:
    """What a run does, task by task; `contents` is None if it continues nothing."""
    if contents is None:
        return plan_fresh(os.urandom(4).hex(), job.graph, request.selection)
    from .engine.takeover import plan_restart
    from .engine.today import Today

    _refuse_another_job(job, contents)
    tasks = job.definition.tasks
    return plan_restart(
        contents,
        Today(tasks, job.graph, digests_of(tasks, contents.run_id), _outliving(job)),
        request.selection,
        rerun_changed=request.rerun_changed,
        without_result=_without_result(job, contents),
    )


def _without_result(job: OpenJob, contents: CheckpointContents) -> frozenset[str]:
    """Tasks and items that completed, and whose results stayed on a cluster and did not come home."""
    if not any('"stayed"' in text for text in contents.results.values()):
        return frozenset()
    from .values.file_store import FileStore
    from .values.stayed import is_gone

    store = FileStore(job.root, job.name, contents.run_id)
    return frozenset(name for name, text in contents.results.items() if is_gone(text, store))


def _outliving(job: OpenJob) -> frozenset[str]:
    """Tasks of which an attempt may still be under way although the runner has died."""
    executors = {name for name, cls in job.checked.executors.items() if cls.outlives_runner}
    return frozenset(name for name, executor in job.checked.executor_of.items() if executor in executors)


def _refuse_another_job(job: OpenJob, contents: CheckpointContents) -> None:
    """Two files without `config.name` have one name: the run of one is not continued with the tasks of the other."""
    before = set().union(*contents.states.values())
    if before and before.isdisjoint(job.definition.tasks):
        raise CheckpointInvalidError(
            f"the unfinished run {contents.run_id} of job {job.name!r} has none of the tasks of this job file: it is "
            "of another one with the same `config.name`. Give each job a name of its own; a run without -r starts anew"
        )
