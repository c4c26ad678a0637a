"""FileDigests: contents of files, without reading again what nobody has touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowrun.freshness.file_digests import FileDigest, FileDigests, InterruptedReading

NS = 1_000_000_000


def digests_at(path: Path, seconds_later: float) -> FileDigests:
    """Those of somebody who looks at a file so long after it was written."""
    return FileDigests(lambda: path.stat().st_ctime_ns + int(seconds_later * NS))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("one")
    return path


def test_equal_contents_have_equal_digests(file: Path) -> None:
    """And others have others."""
    other = file.with_name("other.csv")
    other.write_text("one")
    digests = digests_at(file, 10)
    first = digests.of(str(file)).text

    assert digests.of(str(other)).text == first
    other.write_text("two")
    assert digests.of(str(other)).text != first


def test_a_file_that_was_not_touched_is_not_read_again(file: Path) -> None:
    """What an earlier run found is believed as long as no trait of the file differs."""
    found = digests_at(file, 10).of(str(file))
    digests = digests_at(file, 10)
    digests.learn(str(file), FileDigest("learnt", found.traits))

    assert digests.of(str(file)).text == "learnt"
    stamp = file.stat().st_mtime_ns
    file.write_text("two")
    os.utime(file, ns=(stamp, stamp))  # of the same size, and with the same time
    assert digests.of(str(file)).text not in ("learnt", found.text)


def test_a_file_that_was_written_a_moment_ago_is_read_again(file: Path) -> None:
    """It may be written once more within the same tick of its clock."""
    assert digests_at(file, 1).of(str(file)).traits is None
    assert digests_at(file, 3).of(str(file)).traits is not None


def test_reading_ends_when_nobody_wants_it(file: Path) -> None:
    """A large file does not keep a run from ending."""
    with pytest.raises(InterruptedReading):
        digests_at(file, 10).of(str(file), lambda: True)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A device has no end."""
    with pytest.raises(OSError, match="no plain file"):
        FileDigests(lambda: 0).of("/dev/zero")
    with pytest.raises(FileNotFoundError):
        FileDigests(lambda: 0).of(str(tmp_path / "no"))
