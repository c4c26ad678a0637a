"""NoCheckpointer: keeps nothing."""

from __future__ import annotations

from typing import ClassVar

from ..errors import NoCheckpointAvailableError
from .checkpointer import CheckpointContents, Checkpointer, checkpointer


@checkpointer
class NoCheckpointer(Checkpointer):
    """For jobs that are never continued, as those that run inside of a program."""

    records_commits: ClassVar[bool] = True
    keeps_nothing: ClassVar[bool] = True

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        """Nothing is kept."""

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        raise NoCheckpointAvailableError(f"nothing is kept of job {name!r}: its checkpointer is NoCheckpointer")

    async def clear_checkpoint(self, name: str) -> None:
        """There is nothing to clear."""
