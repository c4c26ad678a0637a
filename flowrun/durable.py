"""Directories and files that only this user can read, and that are whole after a loss of power."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import StateError

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


@contextmanager
def naming(path: Path, act: str = "write") -> Iterator[None]:
    """Errors of the system become StateError with the path and the system's words."""
    try:
        yield
    except OSError as error:
        raise StateError(f"cannot {act} {path}: {error.strerror}") from error


def make_directory(path: Path) -> None:
    """Make a directory and those above it, with mode 0700; one that is there stays as it is."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_directory(path.parent)


def make_state_directory(path: Path) -> None:
    """Make a directory of flowrun's own, as `make_directory` does; what is in it is not for git."""
    make_directory(path)
    ignored = path / ".gitignore"
    if not ignored.exists():
        with suppress(FileExistsError):  # another run of the project was quicker
            ignored.touch(mode=0o600, exist_ok=False)
            ignored.write_text("*\n")


def write_whole(path: Path, data: bytes) -> int:
    """Put a file with mode 0600 into its place in one step. Gives a descriptor that appends to it."""
    draft = path.with_name(f"{path.name}.draft")
    descriptor = os.open(draft, _FRESH, 0o600)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
        os.rename(draft, path)
        sync_directory(path.parent)
    except BaseException:
        os.close(descriptor)
        draft.unlink(missing_ok=True)
        raise
    return descriptor


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, in one call unless the system takes less."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_directory(path: Path) -> None:
    """What was renamed in a directory stays so after a loss of power."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
