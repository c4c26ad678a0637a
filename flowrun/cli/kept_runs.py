"""KeptRuns: what a checkpointer keeps of unfinished runs, for those who look at it while no job runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checkpointer.checkpointer import CheckpointContents, Checkpointer
from ..errors import NoCheckpointAvailableError
from ..job_lock import JobLock

if TYPE_CHECKING:
    from ..app import OpenJob


class KeptRuns:
    """The unfinished runs that one checkpointer keeps."""

    def __init__(self, checkpointer: Checkpointer, root: Path, job_name: str = "") -> None:
        """`root` is the project root, where the locks of running jobs lie; `job_name` the job that is asked for."""
        self._checkpointer = checkpointer
        self._root = root
        self._job_name = job_name

    @property
    def notices(self) -> list[str]:
        """What could not be read."""
        return list(getattr(self._checkpointer, "notices", ()))

    def runs(self) -> Sequence[CheckpointContents]:
        """All of them, the newest first."""
        return asyncio.run(self._listed())

    def clear(self, run: CheckpointContents) -> None:
        """Forget one of them. Raises JobAlreadyRunningError while the job runs."""
        lock = JobLock(self._root / ".flowrun" / "locks", run.name)
        lock.take()
        try:
            asyncio.run(self._clear(run))
        finally:
            lock.release()

    async def _listed(self) -> Sequence[CheckpointContents]:
        if self._job_name and type(self._checkpointer).list_checkpoints is Checkpointer.list_checkpoints:
            try:  # a checkpointer of a user need not list: then it is asked for the job
                return [await self._checkpointer.read_checkpoint(self._job_name)]
            except NoCheckpointAvailableError:
                return []
        return await self._checkpointer.list_checkpoints()

    async def _clear(self, run: CheckpointContents) -> None:
        clear_run = getattr(self._checkpointer, "clear_run", None)
        if clear_run is not None:
            await clear_run(run.name, run.run_id)
        else:  # a checkpointer of a user keeps one run of a job
            await self._checkpointer.clear_checkpoint(run.name)


def kept_runs(job: OpenJob | None, directory: Path | None) -> KeptRuns:
    """The runs that the checkpointer of a job keeps, or, without a job, the default one of the project."""
    if job is not None:
        from ..assemble import open_checkpointer

        return KeptRuns(open_checkpointer(job), job.root, job.name)
    from ..checkpointer.file import FileCheckpointer
    from ..project_root import find_root

    root = (directory or find_root(None, Path.cwd())).resolve()
    checkpointer = FileCheckpointer()
    checkpointer.settle(root)
    return KeptRuns(checkpointer, root)
