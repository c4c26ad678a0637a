"""Held says whether somebody holds a lock."""

from __future__ import annotations

import fcntl
from pathlib import Path

from flowrun.held import is_held, is_held_alone


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


def test_those_who_ask_do_not_see_each_other(tmp_path: Path) -> None:
    """Of a lock that is not shared: whoever asks at the same moment is no holder."""
    file = tmp_path / "file"
    with file.open("w") as holder, file.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)  # as another one does who asks
        assert not is_held_alone(file)
        fcntl.flock(asking, fcntl.LOCK_UN)
        fcntl.flock(holder, fcntl.LOCK_EX)
        assert is_held_alone(file)
    assert not is_held_alone(file)
    assert not is_held_alone(tmp_path / "none")
