"""JobDirectory: where the unfinished runs of a job lie, and which of them is the one to continue."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from ..durable import make_directory, make_state_directory, naming
from ..errors import NoCheckpointAvailableError, StateError
from ..file_name import safe_file_name

_CURRENT = ".journal"
_ABANDONED = ".abandoned"
_VALUES = ".values"
_DRAFT = ".draft"
_KEPT = 5


class JobDirectory:
    """`RUN.journal` is the run to continue; `RUN.abandoned` is one in place of which a newer one was started;
    `RUN.values` has the large values of a run. A finished run leaves nothing.
    """

    def __init__(self, checkpoint_directory: Path, job_name: str) -> None:
        self._top = checkpoint_directory
        self._path = checkpoint_directory / safe_file_name(job_name)
        self._job_name = job_name

    def make(self) -> None:
        """Make the directories; what is in them is not for git. Raises StateError if they cannot be made."""
        with naming(self._path):
            make_state_directory(self._top)
            make_directory(self._path)

    def journal(self, run_id: str) -> Path:
        """Where the journal of a run that goes on is to be."""
        return self._path / f"{safe_file_name(run_id)}{_CURRENT}"

    def newest(self) -> Path:
        """The journal of the run to continue. Raises NoCheckpointAvailableError if there is none."""
        with naming(self._path, "read"):
            found = _newest_first(self._path, _CURRENT)
        if not found:
            raise NoCheckpointAvailableError(f"no unfinished run of job {self._job_name!r} is kept")
        return found[0]

    def named(self, run_id: str) -> Path:
        """The journal of a run, by its id or the begin of it.

        Raises NoCheckpointAvailableError if there is none, and StateError if several begin so.
        """
        with naming(self._path, "read"):
            kept = _runs(self._path)
        exact = [path for path in kept if path.stem == safe_file_name(run_id)]
        found = exact or [path for path in kept if path.stem.startswith(run_id)]
        if not found:
            raise NoCheckpointAvailableError(f"no unfinished run {run_id!r} of job {self._job_name!r} is kept")
        if len(found) > 1:
            names = ", ".join(sorted(path.stem for path in found))
            raise StateError(f"several runs of job {self._job_name!r} begin with {run_id!r}: {names}")
        return found[0]

    def abandon_all_but(self, journal: Path) -> None:
        """The run of this journal is the one to continue; of the others, the newest are kept."""
        _remove(journal.with_suffix(_ABANDONED))
        for path in reversed(_newest_first(self._path, _CURRENT)):
            if path != journal:
                self._abandon(path)
        kept = [journal, *_newest_first(self._path, _ABANDONED)[:_KEPT]]
        self._remove_all_but({path.stem for path in kept})

    def _abandon(self, path: Path) -> None:
        """Its time becomes later than that of those before it, even if the clock was set back or stands still."""
        latest = max(map(_written_at, _newest_first(self._path, _ABANDONED)), default=0)
        at = max(_written_at(path), latest + 1)
        os.utime(path, ns=(at, at))
        os.replace(path, path.with_suffix(_ABANDONED))

    def _remove_all_but(self, stems: set[str]) -> None:
        for name in _names(self._path):
            stem, suffix = os.path.splitext(name.removesuffix(_DRAFT))
            if suffix in (_CURRENT, _ABANDONED, _VALUES) and stem not in stems:
                _remove(self._path / name)


def remove_run(journal: Path) -> None:
    """Remove a run, and the directory of the job if it was the last."""
    for path in (journal, journal.with_suffix(_CURRENT), journal.with_suffix(_ABANDONED)):
        _remove(path)
    _remove(value_directory(journal))
    with suppress(OSError):
        journal.parent.rmdir()


def journals_under(checkpoint_directory: Path) -> list[Path]:
    """The journals of all jobs, the newest first."""
    found: list[tuple[int, Path]] = []
    for name in _names(checkpoint_directory):
        before = sys.maxsize
        for path in _runs(checkpoint_directory / name):
            before = min(before, _written_at(path))
            found.append((before, path))
    return [path for _at, path in sorted(found, key=lambda entry: entry[0], reverse=True)]


def value_directory(journal: Path) -> Path:
    """Where the large values of a run are."""
    return journal.with_suffix(_VALUES)


def _runs(directory: Path) -> list[Path]:
    """The runs of a job in their order, whatever their times are."""
    found: dict[str, Path] = {}
    for path in (*_newest_first(directory, _CURRENT), *_newest_first(directory, _ABANDONED)):
        found.setdefault(path.stem, path)  # a run that was taken up again a moment ago may be there twice
    return list(found.values())


def _newest_first(directory: Path, suffix: str) -> list[Path]:
    found = [directory / name for name in _names(directory) if name.endswith(suffix)]
    return sorted(found, key=_written_at, reverse=True)


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for name in _names(path):
            os.unlink(path / name)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
