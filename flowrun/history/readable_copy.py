"""ReadableCopy: a database that cannot be written where it lies, put where what runs have left can be added to it."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

from ..durable import naming

_COMPANIONS = ("", "-wal", "-journal")
"""What belongs to a database of SQLite: a reader finishes what a writer has left."""
_TRIES = 5


class ReadableCopy:
    """A copy that lasts as long as this process."""

    def __init__(self, original: Path) -> None:
        """`original` need not be there. Raises StateError if it cannot be read, or if there is no room."""
        with naming(original.parent, "read"):
            os.listdir(original.parent)
        with naming(original, "copy"):
            directory = tempfile.mkdtemp(prefix="flowrun-history-")
        weakref.finalize(self, shutil.rmtree, directory, ignore_errors=True)
        self.path = Path(directory) / original.name
        for _ in range(_TRIES):
            before = _stamps(original)
            self._copy(original)
            if _stamps(original) == before:  # nobody has written meanwhile
                return

    def _copy(self, original: Path) -> None:
        for companion in _COMPANIONS:
            source, target = f"{original}{companion}", f"{self.path}{companion}"
            with naming(Path(source), "copy"):
                Path(target).unlink(missing_ok=True)
                if os.path.exists(source):
                    shutil.copyfile(source, target)


def is_needed(path: Path) -> bool:
    """Whether a database at this path cannot be written, though its directory is there."""
    here = path.parent
    return here.is_dir() and not (os.access(here, os.W_OK) and (not path.exists() or os.access(path, os.W_OK)))


def _stamps(original: Path) -> Sequence[tuple[int, int]]:
    found = []
    for companion in _COMPANIONS:
        try:
            status = os.stat(f"{original}{companion}")
        except OSError:
            found.append((0, 0))
        else:
            found.append((status.st_mtime_ns, status.st_size))
    return found
