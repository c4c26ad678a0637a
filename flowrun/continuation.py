"""Continuation: what is kept of an earlier run, and what this run does in its light."""

from __future__ import annotations

import os

from .assemble import OpenJob
from .checkpointer.checkpointer import CheckpointContents, Checkpointer
from .digests import digests_of
from .engine.restart import RestartPlan, plan_fresh, plan_restart
from .errors import CheckpointInvalidError, NoCheckpointAvailableError, StateError
from .request import RunRequest


async def contents_of(checkpointer: Checkpointer, name: str, request: RunRequest) -> CheckpointContents | None:
    """What is kept of the run to continue; None in a fresh run, and if nothing is kept and no run was named."""
    if request.restart is False:
        return None
    try:
        if isinstance(request.restart, str):
            return await checkpointer.read_run(name, request.restart)
        return await checkpointer.read_checkpoint(name)
    except NoCheckpointAvailableError:
        if isinstance(request.restart, str):
            raise
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
    tasks = job.definition.tasks
    return plan_restart(
        contents,
        tasks,
        job.graph,
        digests_of(tasks, contents.run_id),
        request.selection,
        rerun_changed=request.rerun_changed,
    )
