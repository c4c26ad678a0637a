"""Large values are in files that only this user can read, and that nothing but their run leads to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flowrun.errors import CheckpointInvalidError, StateError
from flowrun.values.file_store import FileStore


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path, "nightly", "run-1")


def directory_in(tmp_path: Path) -> Path:
    return tmp_path / ".flowrun" / "results" / "nightly" / "run-1"


def afresh(tmp_path: Path) -> FileStore:
    """The store as another process has it."""
    return FileStore(tmp_path, "nightly", "run-1")


def test_bytes_come_back_in_another_process(store: FileStore, tmp_path: Path) -> None:
    """Size and content are the same."""
    name, size = store.put_bytes(b"abc")

    assert size == 3
    assert afresh(tmp_path).get_bytes(name, size) == b"abc"


def test_only_this_user_can_read_it(store: FileStore, tmp_path: Path) -> None:
    """D-08: whatever the umask is, files have 0600 and directories 0700."""
    before = os.umask(0)
    try:
        name, size = store.put_bytes(b"abc")
    finally:
        os.umask(before)
    path = store.path(name, size)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(above.stat().st_mode) for above in list(path.parents)[:4]} == {0o700}
    assert os.listdir(path.parent) == [name]


@pytest.mark.parametrize(
    "name",
    ["", "..", "../secret", "/etc/passwd", "a/b.bin", "x" * 32 + ".bin", "0" * 32, "0" * 32 + ".bin/../x", None, 3],
)
def test_a_name_leads_nowhere_else(store: FileStore, tmp_path: Path, name: str) -> None:
    """A changed checkpoint cannot have other files read."""
    (tmp_path / "secret").write_bytes(b"abc")

    with pytest.raises(CheckpointInvalidError, match="no file of a run"):
        store.get_bytes(name, 3)


def test_a_link_is_not_followed(store: FileStore, tmp_path: Path) -> None:
    """D-10: nor can a link that somebody has put in the place of a file."""
    name, size = store.put_bytes(b"abc")
    path = store.path(name, size)
    (tmp_path / "secret").write_bytes(b"xyz")
    path.unlink()
    path.symlink_to(tmp_path / "secret")

    with pytest.raises(CheckpointInvalidError, match="not what was written"):
        afresh(tmp_path).get_bytes(name, size)


def test_what_is_cut_off_or_gone_is_refused(store: FileStore, tmp_path: Path) -> None:
    """D-06: damage is named with the file."""
    name, size = store.put_bytes(b"abc")
    path = store.path(name, size)
    path.write_bytes(b"ab")

    with pytest.raises(CheckpointInvalidError, match=f"{name} is not what was written"):
        afresh(tmp_path).get_bytes(name, size)
    path.unlink()
    with pytest.raises(CheckpointInvalidError, match=rf"{name}: No such file"):
        afresh(tmp_path).get_bytes(name, size)


def test_a_value_that_cannot_be_written_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    """The half of a file is not left behind."""

    def fail(_stream: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StateError, match=r"cannot be kept in a file below .*: No space left on device"):
        store.put(fail, "bin")
    assert os.listdir(directory_in(tmp_path)) == []


def test_a_store_is_removed_with_all_that_is_in_it(store: FileStore, tmp_path: Path) -> None:
    """And removing it again does no harm."""
    store.put_bytes(b"abc")

    store.remove()
    store.remove()

    assert not directory_in(tmp_path).parent.exists()


def test_a_store_can_go_with_the_last_who_holds_it(tmp_path: Path) -> None:
    """A program may look at results after the run; then nothing is left behind."""
    store = FileStore(tmp_path, "nightly", "run-1")
    kept = store.put_bytes(b"abc")
    store.remove_when_unused()

    assert store.get_bytes(*kept) == b"abc"
    assert FileStore(tmp_path, "nightly", "run-1").is_in_use
    del store
    assert not FileStore(tmp_path, "nightly", "run-1").is_in_use
    assert not directory_in(tmp_path).exists()


def test_the_stores_of_other_runs_of_the_job_are_known(store: FileStore, tmp_path: Path) -> None:
    """So that those can be removed that no checkpoint leads to any more."""
    assert store.others() == []
    store.put_bytes(b"abc")
    FileStore(tmp_path, "nightly", "run-2").put_bytes(b"abc")
    FileStore(tmp_path, "weekly", "run-3").put_bytes(b"abc")

    [other] = store.others()
    other.remove()

    assert other.run_id == "run-2"
    assert store.others() == []
    assert directory_in(tmp_path).exists()


def test_a_directory_of_somebody_else_is_not_emptied(store: FileStore, tmp_path: Path) -> None:
    """D-10: a link in the place of the store is removed, what it leads to stays."""
    other = tmp_path / "other"
    other.mkdir()
    name = f"{'0' * 32}.bin"
    (other / name).write_bytes(b"abc")
    directory = directory_in(tmp_path)
    directory.parent.mkdir(parents=True)
    directory.symlink_to(other)

    store.remove()

    assert not directory.is_symlink()
    assert os.listdir(other) == [name]


def test_files_that_are_not_ours_stay(store: FileStore, tmp_path: Path) -> None:
    """And it is said that the directory is left."""
    name, size = store.put_bytes(b"abc")
    path = store.path(name, size)
    (path.parent / "notes.txt").write_text("mine")

    with pytest.raises(StateError, match="cannot remove"):
        store.remove()
    assert os.listdir(path.parent) == ["notes.txt"]


def test_another_store_takes_over_values_that_stay_where_they_are(store: FileStore, tmp_path: Path) -> None:
    """Both have them, and one may be removed without the other; of nothing there is nothing to take."""
    name, size = store.put_bytes(b"abc")
    other = FileStore(tmp_path, "nightly", "run-2")
    other.take_over(FileStore(tmp_path, "nightly", "run-3"))
    assert not other.directory.exists()

    other.take_over(store)

    assert other.get_bytes(name, size) == b"abc"
    other.remove()
    assert store.get_bytes(name, size) == b"abc"
