"""The text of a job file: read at once or refused, never waited for."""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from pathlib import Path

from flowrun.problem import Place, Problem

from .limits import MAX_FILE_BYTES
from .refused import Refused
from .wording import plain


def read_text(path: Path, file: str) -> str:
    """The text of the file at `path`, which messages call `file`.

    Raises Refused (FR101 cannot be read, FR102 not UTF-8, FR109 too large). A pipe or a device is refused
    without being read.
    """
    try:
        raw = _read(path, file)
    except OSError as error:
        raise _unreadable(file, _reason(error)) from None
    except ValueError:
        raise _unreadable(file, "its name is not a valid path") from None
    return decode(raw, file)


def decode(raw: bytes, file: str) -> str:
    """The text that `raw` stands for. Raises Refused as `read_text` does."""
    if len(raw) > MAX_FILE_BYTES:
        raise _refused("FR109", f"the file is larger than {MAX_FILE_BYTES // 1024**2} MiB", Place(file))
    try:
        return raw.removeprefix(BOM_UTF8).decode()  # the codec for both would be one module more to load
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused("FR102", "the file is not text in UTF-8", Place(file, line)) from None


def _read(path: Path, file: str) -> bytes:
    # Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise _unreadable(file, "it is a directory" if stat.S_ISDIR(mode) else "it is not a regular file")
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case PermissionError():
            return "you may not read it"
    return (error.strerror or str(error)).lower()


def _unreadable(file: str, reason: str) -> Refused:
    return _refused("FR101", f"cannot read `{plain(file, 200)}`: {reason}", Place(file), reason)


def _refused(code: str, message: str, place: Place, label: str = "") -> Refused:
    return Refused(Problem(code, message, place, label=label))
