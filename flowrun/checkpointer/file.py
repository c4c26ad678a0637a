"""FileCheckpointer: a run is a file, to which every commit is appended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field, PrivateAttr

from ..durable import naming
from ..errors import NoCheckpointAvailableError, StateError
from .checkpointer import CheckpointContents, Checkpointer, Commit, checkpointer
from .damaged_run import DamagedRun
from .job_directory import JobDirectory, journals_under, remove_run, value_directory
from .journal import fold, name_in, opening, step
from .journal_file import JournalFile
from .value_files import ValueFiles


@checkpointer
class FileCheckpointer(Checkpointer):
    """Keeps each unfinished run in `DIRECTORY/JOB/RUN.journal`, lines of JSON that only this user can read.

    `shared_dict` of the contents has encoded keys and values.
    """

    records_commits: ClassVar[bool] = True

    checkpoint_dir: str = Field(default="./.flowrun", description="Where unfinished runs are kept.")

    _root: Path = PrivateAttr(default=Path())
    _journal: JournalFile | None = PrivateAttr(default=None)
    _notices: list[str] = PrivateAttr(default=[])
    _damaged: list[DamagedRun] = PrivateAttr(default=[])

    def settle(self, root: Path) -> None:
        """Have a relative `checkpoint_dir` mean a directory in the project."""
        self._root = root

    @property
    def notices(self) -> list[str]:
        """What a person should know about what was read."""
        return self._notices

    @property
    def damaged(self) -> list[DamagedRun]:
        """What was found while listing and could not be read."""
        return self._damaged

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        """Begin the journal of a run, or begin it anew. The other runs of the job become old ones."""
        directory = self._directory(name)
        path = directory.journal(content.run_id)
        try:
            journal = _begun(directory, path, content)
        except StateError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
            journal = _begun(directory, path, content)  # another run of the job ended and removed the directory
        self._close()
        self._journal = journal
        with naming(path):
            directory.abandon_all_but(path)

    async def record(self, name: str, commits: Sequence[Commit]) -> None:
        """Append to the journal: one write, and one flush to the disk if it matters."""
        if self._journal is None:
            raise StateError(f"no checkpoint of job {name!r} was written yet; nothing can be added to it")
        values = ValueFiles(value_directory(self._journal.path))
        bodies = [step(commit, values) for commit in commits]
        self._journal.append(bodies, is_durable=any(commit.is_durable for commit in commits))

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        """The newest run, unless it has finished."""
        return self._read(self._directory(name).newest())

    async def read_run(self, name: str, run_id: str) -> CheckpointContents:
        """One of the unfinished runs that are kept."""
        return self._read(self._directory(name).named(run_id))

    async def list_checkpoints(self) -> list[CheckpointContents]:
        """All of them; those that are damaged become notices."""
        found = []
        with naming(self._top, "read"):
            paths = journals_under(self._top)
        for path in paths:
            try:
                found.append(self._read(path))
            except StateError as error:
                self._notices.append(str(error))
                self._damaged.append(DamagedRun(path.stem, _job_of(path), str(path), str(error)))
        return found

    async def clear_checkpoint(self, name: str) -> None:
        """Remove the run that goes on, or else the one that would be continued; older ones stay."""
        directory = self._directory(name)
        try:
            path = directory.newest() if self._journal is None else self._journal.path
        except NoCheckpointAvailableError:
            return
        self._close()
        with naming(path):
            remove_run(path)

    async def clear_run(self, name: str, run_id: str) -> None:
        """Remove one of the unfinished runs that are kept. Raises what `read_run` raises."""
        path = self._directory(name).named(run_id)
        with naming(path):
            remove_run(path)

    async def clear_damaged(self, run: DamagedRun) -> None:
        """Remove a run that cannot be read."""
        with naming(Path(run.place)):
            remove_run(Path(run.place))

    async def on_destroy(self) -> None:
        """Let go of the journal."""
        self._close()

    @property
    def _top(self) -> Path:
        return self._root / self.checkpoint_dir

    def _directory(self, name: str) -> JobDirectory:
        return JobDirectory(self._top, name)

    def _read(self, path: Path) -> CheckpointContents:
        with naming(path, "read"):
            lines = path.read_bytes().split(b"\n")
        if not lines[-1]:
            lines.pop()
        contents, notices = fold(lines, str(path), ValueFiles(value_directory(path)))
        self._notices += notices
        return contents

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def _begun(directory: JobDirectory, path: Path, content: CheckpointContents) -> JournalFile:
    directory.make()
    return JournalFile(path, opening(content, ValueFiles(value_directory(path))))


def _job_of(path: Path) -> str:
    """The job that a damaged journal is of: as it says itself, or else as its directory does."""
    try:
        return name_in(path.read_bytes().partition(b"\n")[0]) or path.parent.name
    except OSError:
        return path.parent.name
