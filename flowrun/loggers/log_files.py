"""LogFiles: files to which whole lines are appended."""

from __future__ import annotations

import contextlib
import errno
import os

_MODE = 0o644
_DIRECTORY_MODE = 0o755
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class LogFiles:
    """Appends lines to any number of files and keeps only the last few of them open.

    Nothing is raised: lines that cannot be written are counted, and `notices` says how many and why. Files are
    created with their directories, again if somebody deletes them; never behind a symbolic link in their place,
    never writable for others.
    """

    def __init__(self, most_open: int = 16) -> None:
        self._most_open = most_open
        self._descriptors: dict[str, int] = {}
        self._lost = 0
        self._error = ""

    def append(self, path: str, data: bytes) -> None:
        """Append whole lines. Of a write that fails half-way the whole lines stay."""
        kept = 0
        try:
            descriptor, size = self._opened(path)
            kept, error = _write_lines(descriptor, size, data)
        except OSError as e:
            error = e
        if error is not None:
            self._lost += data.count(b"\n", kept)
            self._error = self._error or f"{error.strerror or error}: {path}"

    def size(self, path: str) -> int:
        """How long a file is; 0 if there is none."""
        try:
            return os.stat(path).st_size
        except OSError:
            return 0

    def close(self, path: str) -> None:
        """Close a file for now; a later `append` opens it again."""
        descriptor = self._descriptors.pop(path, None)
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def close_all(self) -> None:
        """Close every file."""
        for path in list(self._descriptors):
            self.close(path)

    @property
    def notices(self) -> list[str]:
        """What was lost, if anything."""
        return [f"lost {self._lost} lines: {self._error}"] if self._lost else []

    def _opened(self, path: str) -> tuple[int, int]:
        """Descriptor and size of a file, the open one unless somebody deleted it."""
        descriptor = self._descriptors.get(path)
        if descriptor is not None:
            status = os.fstat(descriptor)
            if status.st_nlink:
                self._descriptors[path] = self._descriptors.pop(path)
                return descriptor, status.st_size
            self.close(path)
        while len(self._descriptors) >= self._most_open:
            self.close(next(iter(self._descriptors)))
        descriptor = self._descriptors[path] = self._open(path)
        return descriptor, os.fstat(descriptor).st_size

    def _open(self, path: str) -> int:
        try:
            return os.open(path, _FLAGS, _MODE)
        except FileNotFoundError:
            make_directories(os.path.dirname(path))
        except OSError as error:
            if error.errno != errno.EMFILE:
                raise
            self.close_all()
        return os.open(path, _FLAGS, _MODE)


def make_directories(path: str) -> None:
    """Make a directory and those above it, none of them writable for others, whatever the umask."""
    try:
        os.mkdir(path, _DIRECTORY_MODE)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
    except FileNotFoundError:
        make_directories(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, _DIRECTORY_MODE)


def _write_lines(descriptor: int, size: int, data: bytes) -> tuple[int, OSError | None]:
    """How many bytes stay in the file, and what went wrong. A part of a line is taken back."""
    written = 0
    try:
        while written < len(data):
            written += os.write(descriptor, data[written:] if written else data)
    except OSError as error:
        kept = data.rfind(b"\n", 0, written) + 1
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size + kept)
        return kept, error
    return written, None
