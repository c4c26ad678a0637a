"""Held says whether somebody holds a lock."""

from __future__ import annotations

import fcntl
from pathlib import Path

from flowrun.held import is_held


def test_a_lock_is_seen_as_long_as_it_is_held(tmp_path: Path) -> None:
    """Of a file; one that is gone, or a link, is not held."""
    file = tmp_path / "file"
    with file.open("w") as stream:
        assert not is_held(file)
        fcntl.flock(stream, fcntl.LOCK_SH)
        assert is_held(file)
    assert not is_held(file)
    (tmp_path / "link").symlink_to(file)
    assert not is_held(tmp_path / "link")
    assert not is_held(tmp_path / "none")
