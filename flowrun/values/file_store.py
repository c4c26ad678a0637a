"""FileStore: large values of a run, each in a file of its own."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from weakref import finalize

from ..durable import make_directory, sync_directory
from ..errors import CheckpointInvalidError, StateError
from ..file_name import safe_file_name
from ..held import is_held

_FRESH = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DIGITS = frozenset("0123456789abcdef")
_SUFFIXES = ("bin", "npy")


class FileStore:
    """The large values of a run. What `put` has named is whole, and survives a loss of power."""

    __slots__ = ("__weakref__", "_job_name", "_root", "_run_id")

    def __init__(self, root: Path, job_name: str, run_id: str) -> None:
        """`root` is the project root; the directory of the run is made when the first value comes."""
        self._root = root
        self._job_name = job_name
        self._run_id = run_id

    @property
    def directory(self) -> Path:
        """Where the files are."""
        return self._root / ".flowrun" / "results" / safe_file_name(self._job_name) / safe_file_name(self._run_id)

    def put(self, write: Callable[[BinaryIO], object], suffix: str) -> tuple[str, int]:
        """Have `write` fill a new file; gives its name and size. Raises StateError if it cannot be written."""
        name = f"{os.urandom(16).hex()}.{suffix}"
        directory = self.directory
        try:
            make_directory(directory)
            size = _write_whole(directory / name, write)
        except OSError as error:
            raise StateError(f"cannot be kept in a file below {directory}: {error.strerror or error}") from error
        return name, size

    def put_bytes(self, data: bytes | bytearray | memoryview) -> tuple[str, int]:
        """Keep bytes in a new file, as `put` does."""
        return self.put(lambda stream: stream.write(data), "bin")

    def put_named(self, name: str, data: bytes) -> None:
        """Keep bytes under a name that was given out before, all or none. Raises StateError if that is impossible."""
        fresh, _size = self.put_bytes(data)
        try:
            (self.directory / fresh).rename(self.directory / name)
            sync_directory(self.directory)
        except OSError as error:
            raise StateError(f"cannot be kept in a file below {self.directory}: {error.strerror or error}") from error

    def has(self, name: str) -> bool:
        """There is a file of this name."""
        return _is_name(name) and (self.directory / name).is_file()

    def get_bytes(self, name: str, size: int) -> bytes:
        """What `put_bytes` kept. Raises CheckpointInvalidError if it is not there as it was."""
        try:
            return self.path(name, size).read_bytes()
        except OSError as error:
            raise _unreadable(name, error) from error

    def path(self, name: str, size: int) -> Path:
        """The file of a name that `put` gave.

        Raises CheckpointInvalidError if it is gone or has another size, and for a name that `put` never gives: a
        changed checkpoint must not lead to other files.
        """
        if not _is_name(name):
            raise CheckpointInvalidError(f"a value in the file {name!r} is not read: that is no file of a run")
        path = self.directory / name
        try:
            found = os.stat(path, follow_symlinks=False)
        except OSError as error:
            raise _unreadable(name, error) from error
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            raise CheckpointInvalidError(f"a value of the run is damaged: {path} is not what was written")
        return path

    def remove(self) -> None:
        """Remove all values and the directory, and nothing that is not ours. Raises StateError if it cannot be done."""
        directory = self.directory
        try:
            if directory.is_symlink():
                directory.unlink()
                return
            for name in os.listdir(directory):
                if _is_name(name):
                    os.unlink(directory / name)
            directory.rmdir()
            with suppress(OSError):  # there are other runs
                directory.parent.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StateError(f"cannot remove {directory}: {error.strerror}") from error

    def take_over(self, other: FileStore) -> None:
        """Have the values of another store too. They are not copied. Raises StateError if that is impossible."""
        try:
            names = [name for name in os.listdir(other.directory) if _is_name(name)]
        except OSError:  # it has none
            return
        try:
            make_directory(self.directory)
            for name in names:
                os.link(other.directory / name, self.directory / name, follow_symlinks=False)
        except OSError as error:
            raise StateError(f"cannot be kept in a file below {self.directory}: {error.strerror or error}") from error

    def remove_when_unused(self) -> None:
        """Remove it as soon as nobody holds this object any more, at the latest when the program ends."""
        with suppress(OSError):  # there are no large values
            descriptor = os.open(self.directory, _DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            finalize(self, _let_go, descriptor, FileStore(self._root, self._job_name, self._run_id))

    @property
    def is_in_use(self) -> bool:
        """Some program may still look at the values of this run, which has completed."""
        return is_held(self.directory)

    @property
    def run_id(self) -> str:
        """Whose values these are; of a store among `others`, as a file name."""
        return self._run_id

    def others(self) -> list[FileStore]:
        """The stores of other runs of the job."""
        directory = self.directory
        try:
            names = os.listdir(directory.parent)
        except OSError:
            return []
        return [FileStore(self._root, self._job_name, name) for name in names if name != directory.name]


def _let_go(descriptor: int, store: FileStore) -> None:
    os.close(descriptor)
    with suppress(StateError):  # nobody is left who could be told
        store.remove()


def _unreadable(name: str, error: OSError) -> CheckpointInvalidError:
    return CheckpointInvalidError(f"a value of the run cannot be read: {error.filename or name}: {error.strerror}")


def _is_name(name: object) -> bool:
    if not isinstance(name, str):
        return False
    stem, _, suffix = name.partition(".")
    return len(stem) == 32 and _DIGITS.issuperset(stem) and suffix in _SUFFIXES


def _write_whole(path: Path, write: Callable[[BinaryIO], object]) -> int:
    """No other name comes first: whoever knows this one knows that the file is whole."""
    try:
        with open(os.open(path, _FRESH, 0o600), "wb") as stream:
            write(stream)
            stream.flush()
            size = os.fstat(stream.fileno()).st_size
            os.fsync(stream.fileno())
        sync_directory(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size
