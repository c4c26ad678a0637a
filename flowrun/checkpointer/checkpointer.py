"""Checkpointer: the contract of what keeps the state of a run, and what is kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import field
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from ..dataclass import dataclass
from ..errors import NoCheckpointAvailableError
from ..lifecycle import AsyncLifecycle
from ..registry import Registry

C = TypeVar("C", bound="type[Checkpointer]")


@dataclass
class CheckpointContents:
    """The state of a run. The first three fields are Flowmancer's; a checkpointer must give all of them back."""

    name: str
    states: dict[str, set[str]]
    """Names of the tasks by the letter of their state."""
    shared_dict: dict[Any, Any]
    run_id: str = ""
    results: dict[str, str] = field(default_factory=dict)
    """What tasks returned, encoded, by task."""
    digests: dict[str, dict[str, str]] = field(default_factory=dict)
    """By task: a short salted digest of its variant, dependencies, items and each parameter. Never the values."""
    attempts: dict[str, int] = field(default_factory=dict)
    """Number of attempts that were started, by task, where there was any."""
    added: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The tasks that tasks added to the job while they ran, by the task that did."""
    approvals: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was asked about tasks and answered, by task."""
    started: str = ""
    """When the run began, ISO 8601, UTC."""
    ended: str = ""
    """When it was last written to; for lists."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One step of a task that must not be forgotten: an increment of the checkpoint."""

    task: str
    state: str
    """The letter of the state that the task is in now."""
    attempt: int = 0
    reason: str = ""
    """How the attempt ended, in plain words, for a person who reads the file."""
    result: str | None = None
    """What `run` returned, encoded."""
    shared: dict[str, str | None] = field(default_factory=dict)
    """Shared values that changed with it, encoded, by encoded key; None: deleted."""
    added: tuple[dict[str, Any], ...] = ()
    """The tasks that it added to the job."""
    approval: dict[str, Any] | None = None
    """What was asked about it and answered, if it is that which is to be kept."""
    is_durable: bool = True
    """It must survive a loss of power before anything follows from it."""
    at: str = ""
    """When, ISO 8601, UTC."""


class Checkpointer(ABC, BaseModel, AsyncLifecycle):
    """Keeps the state of a run, so that it can be continued. Its fields are its parameters in the job file."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    records_commits: ClassVar[bool] = False
    """`record` is overridden: each commit is kept as it happens, and no snapshots are needed in between."""

    keeps_nothing: ClassVar[bool] = False
    """There is nothing to continue afterwards; neither `write_checkpoint` nor `record` is called."""

    @abstractmethod
    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        """Called before the first task starts, and then at intervals if commits are not recorded.

        Replaces what is kept of the job `name` in one step: after a crash there is either the old or the new.
        """

    @abstractmethod
    async def read_checkpoint(self, name: str) -> CheckpointContents:
        """Called for a restart. Raises `NoCheckpointAvailableError` if there is no unfinished run of this name."""

    @abstractmethod
    async def clear_checkpoint(self, name: str) -> None:
        """Called when every task has completed: there is nothing left to continue."""

    async def record(self, name: str, commits: Sequence[Commit]) -> None:
        """Called with what has just been decided, before anything follows from it.

        When it returns, the durable ones among `commits` survive a loss of power, the others a crash.
        """

    async def read_run(self, name: str, run_id: str) -> CheckpointContents:
        """Called for a restart of a named run; `run_id` may be a unique prefix."""
        contents = await self.read_checkpoint(name)
        if not contents.run_id.startswith(run_id):
            raise NoCheckpointAvailableError(f"no unfinished run {run_id!r} of job {name!r} is kept")
        return contents

    async def list_checkpoints(self) -> list[CheckpointContents]:
        """Called to show what is kept, newest first, of all jobs."""
        return []


checkpointers: Registry[Checkpointer] = Registry("checkpointer", lambda: Checkpointer)


def checkpointer(cls: C) -> C:
    """Register a class, so that job files can name it under `checkpointer:`."""
    checkpointers.register(cls)
    return cls
