"""Held: whether some process holds a lock on a file or directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def is_held(path: Path) -> bool:
    """Whether a lock of `flock` is held on what is at this path. What is gone, or is a link, nobody holds.

    Of two who ask at the same moment, one may take the other for a holder.
    """
    return _hinders(fcntl.LOCK_EX, path)


def is_held_alone(path: Path) -> bool:
    """The same of a lock that its holder does not share. Those who ask share theirs, and do not see each other."""
    return _hinders(fcntl.LOCK_SH, path)


def _hinders(kind: int, path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
