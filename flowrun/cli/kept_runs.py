"""KeptRuns: what a checkpointer keeps of unfinished runs, for those who look at it while no job runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..approvals import Desk
from ..checkpointer.checkpointer import CheckpointContents, Checkpointer
from ..checkpointer.damaged_run import DamagedRun
from ..checkpointer.opened import guarded, opened
from ..errors import NoCheckpointAvailableError, UsageError
from ..job_lock import JobLock
from ..values.file_store import FileStore

if TYPE_CHECKING:
    from ..app import OpenJob


Kept = CheckpointContents | DamagedRun

R = TypeVar("R", bound=Kept)


class KeptRuns:
    """The unfinished runs that one checkpointer keeps."""

    def __init__(self, make: Callable[[], Checkpointer], root: Path, job_name: str = "") -> None:
        """`make` gives the checkpointer, a new one each time, for it is used from its first hook to its last.

        `root` is the project root, where the locks of running jobs lie; `job_name` the job that is asked for.
        """
        self.runs: Sequence[CheckpointContents] = ()
        """All of them, the newest first."""
        self.damaged: Sequence[DamagedRun] = ()
        """Those that cannot be read."""
        self.notices: Sequence[str] = ()
        """What a person should know about what was read, and what could not be."""
        self._make = make
        self._root = root
        self._job_name = job_name
        asyncio.run(self._look())

    def clear(self, run: CheckpointContents | DamagedRun) -> None:
        """Forget one of them. Raises JobAlreadyRunningError while the job runs."""
        lock = JobLock(self._root / ".flowrun", run.name)
        lock.take()
        try:
            asyncio.run(self._clear(run))
            FileStore(self._root, run.name, run.run_id).remove()
            Desk(self._root).withdraw_run(run.run_id)
        finally:
            lock.release()

    async def _look(self) -> None:
        async with opened(self._make()) as checkpointer:
            self.runs = await self._listed(checkpointer)
            self.damaged = list(getattr(checkpointer, "damaged", ()))
            self.notices = list(getattr(checkpointer, "notices", ()))

    async def _listed(self, checkpointer: Checkpointer) -> Sequence[CheckpointContents]:
        if self._job_name and type(checkpointer).list_checkpoints is Checkpointer.list_checkpoints:
            try:  # a checkpointer of a user need not list: then it is asked for the job
                return [await guarded(checkpointer, "read_checkpoint", checkpointer.read_checkpoint(self._job_name))]
            except NoCheckpointAvailableError:
                return []
        return await guarded(checkpointer, "list_checkpoints", checkpointer.list_checkpoints())

    async def _clear(self, run: CheckpointContents | DamagedRun) -> None:
        async with opened(self._make()) as checkpointer:
            if isinstance(run, DamagedRun):
                await checkpointer.clear_damaged(run)  # type: ignore[attr-defined]  # who lists them can clear them
            elif hasattr(checkpointer, "clear_run"):
                await guarded(checkpointer, "clear_run", checkpointer.clear_run(run.name, run.run_id))
            else:  # a checkpointer of a user keeps one run of a job
                await guarded(checkpointer, "clear_checkpoint", checkpointer.clear_checkpoint(run.name))


def kept_runs(job: OpenJob | None, directory: Path | None) -> KeptRuns:
    """The runs that the checkpointer of a job keeps, or, without a job, the default one of the project."""
    if job is not None:
        from ..assemble import open_checkpointer

        return KeptRuns(lambda: open_checkpointer(job), job.root, job.name)
    from ..checkpointer.file import FileCheckpointer
    from ..project_root import find_root

    root = (directory or find_root(None, Path.cwd())).resolve()

    def make() -> Checkpointer:
        checkpointer = FileCheckpointer()
        checkpointer.settle(root)
        return checkpointer

    return KeptRuns(make, root)


def chosen_run(runs: Sequence[R], prefix: str) -> R:
    """The run whose id begins with `prefix`. Raises NoCheckpointAvailableError, or UsageError if it may be several."""
    exact = [run for run in runs if run.run_id == prefix]
    found = exact or [run for run in runs if run.run_id.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoCheckpointAvailableError(f"no unfinished run {prefix!r} is kept; `flowrun checkpoints` lists them")
    raise UsageError(f"{prefix!r} may be {' or '.join(run.run_id for run in found)}: give more of its id")
