"""A checkpointer without a journal, to see what the journal costs."""

from __future__ import annotations

from flowrun.checkpointer import CheckpointContents, Checkpointer, NoCheckpointAvailableError, checkpointer


@checkpointer
class KeepsNothing(Checkpointer):
    """Forgets everything."""

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        """Nothing."""

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        """Nothing is kept."""
        raise NoCheckpointAvailableError(f"nothing is kept of job {name!r}")

    async def clear_checkpoint(self, name: str) -> None:
        """Nothing."""
