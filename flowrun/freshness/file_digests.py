"""FileDigests: the contents of files as short texts. A file that has not been touched is not read again."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from ..dataclass import dataclass

_CHUNK = 1 << 20
_SETTLED_NS = 2_000_000_000
"""A file that was written a moment ago may be written again without a change of its times: it is read again."""

Traits = tuple[int, ...]
"""Inode, size, and the times of the last change of the content and of anything else. A change changes one of them."""


class InterruptedReading(Exception):
    """Nobody waits for the digest any more."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """The digest of a file, and by what it is seen that the file has not been touched since."""

    text: str
    traits: Traits | None = None
    """None: it had been written just before, so it must be read again."""


class FileDigests:
    """Digests of the files of a job. May be used by several threads."""

    def __init__(self, clock_ns: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._known: dict[str, FileDigest] = {}

    def learn(self, path: str, digest: FileDigest) -> None:
        """What an earlier run found."""
        if digest.traits is not None:
            self._known.setdefault(path, digest)

    def of(self, path: str, is_unwanted: Callable[[], bool] = lambda: False) -> FileDigest:
        """The digest of a file. Raises OSError if it cannot be read, and InterruptedReading when it is unwanted."""
        traits = _traits(os.stat(path))
        known = self._known.get(path)
        if known is not None and known.traits == traits:
            return known
        begun = self._clock_ns()
        with open(path, "rb", buffering=0) as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise OSError(0, "it is no plain file", path)
            text = _read(stream, is_unwanted)
            is_settled = max(found.st_mtime_ns, found.st_ctime_ns) < begun - _SETTLED_NS
            is_same = _traits(os.fstat(stream.fileno())) == _traits(found)
        digest = FileDigest(text, _traits(found) if is_settled and is_same else None)
        if digest.traits is not None:
            self._known[path] = digest
        return digest


def _traits(found: os.stat_result) -> Traits:
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read(stream: object, is_unwanted: Callable[[], bool]) -> str:
    from hashlib import blake2b

    content = blake2b(digest_size=16)
    buffer = bytearray(_CHUNK)
    while size := stream.readinto(buffer):  # type: ignore[attr-defined]
        if is_unwanted():
            raise InterruptedReading
        content.update(memoryview(buffer)[:size])
    return content.hexdigest()
