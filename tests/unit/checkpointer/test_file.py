"""The file checkpointer: where its files are, and what it does when they cannot be written."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import resource
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrun.checkpointer import CheckpointContents, Commit
from flowrun.checkpointer.file import FileCheckpointer
from flowrun.errors import CheckpointInvalidError, StateError

NOTICE = "{}: the state ends in the middle of a record, after record {}, as happens in a crash; the rest is ignored"
LARGE = json.dumps("x" * 70_000)


def do(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def contents(run_id: str = "1f2e", **more: Any) -> CheckpointContents:
    return CheckpointContents("nightly", {"_": {"a", "b"}}, more.pop("shared_dict", {}), run_id, **more)


@pytest.fixture
def keeper(tmp_path: Path) -> FileCheckpointer:
    made = FileCheckpointer()
    made.settle(tmp_path)
    return made


def another(tmp_path: Path) -> FileCheckpointer:
    made = FileCheckpointer()
    made.settle(tmp_path)
    return made


def test_a_run_is_one_file_of_json_lines(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """FM-72: the content is readable without executing code, and git does not see it."""
    do(keeper.write_checkpoint("nightly", contents()))
    do(keeper.record("nightly", [Commit("a", "C", 1, result='{"rows":1}')]))

    lines = (tmp_path / ".flowrun/nightly/1f2e.journal").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2]
    assert json.loads(lines[1])["result"] == {"rows": 1}
    assert (tmp_path / ".flowrun/.gitignore").read_text() == "*\n"


def test_a_record_says_what_was_flushed_before_it(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """G11: by that, damage is told from what a loss of power may leave."""
    do(keeper.write_checkpoint("nightly", contents()))
    for is_durable in (False, True, False, False):
        do(keeper.record("nightly", [Commit("a", "R", is_durable=is_durable), Commit("b", "R", is_durable=False)]))

    journal = tmp_path / ".flowrun/nightly/1f2e.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["synced"] for line in lines] == [0, 1, 1, 1, 1, 5, 5, 5, 5]
    journal.write_bytes(b"".join([*lines[:4], lines[4].replace(b"R", b"C"), *lines[5:]]))
    with pytest.raises(CheckpointInvalidError, match=rf"^{journal} is damaged in record 5$"):
        do(another(tmp_path).read_checkpoint("nightly"))


def test_a_run_is_either_the_one_to_continue_or_an_old_one(tmp_path: Path) -> None:
    """`-r RUN` of an old run makes it the one to continue, and the other an old one."""
    for run_id in ("one", "two", "one"):
        do(another(tmp_path).write_checkpoint("nightly", contents(run_id)))

    assert sorted(path.name for path in (tmp_path / ".flowrun/nightly").iterdir()) == ["one.journal", "two.abandoned"]


def test_the_directory_is_a_parameter(tmp_path: Path) -> None:
    """FM-72: an absolute path stands as it is; one that is not begins at the project root."""
    for directory in (str(tmp_path / "one"), "two/deep"):
        made = FileCheckpointer(checkpoint_dir=directory)
        made.settle(tmp_path)
        do(made.write_checkpoint("nightly", contents()))

    assert (tmp_path / "one/nightly/1f2e.journal").exists()
    assert (tmp_path / "two/deep/nightly/1f2e.journal").exists()


def test_a_finished_run_leaves_nothing(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """Neither journal nor values nor a directory stay."""
    do(keeper.write_checkpoint("nightly", contents(results={"a": LARGE})))

    do(keeper.clear_checkpoint("nightly"))

    assert [path.name for path in tmp_path.rglob("*")] == [".flowrun", ".gitignore"]


def test_a_new_run_removes_what_old_ones_left(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """Values without a journal, and files that a crash cut off, do not pile up."""
    directory = tmp_path / ".flowrun/nightly"
    (directory / "gone.values").mkdir(parents=True)
    (directory / "gone.values/0a").touch()
    (directory / "gone.journal.draft").touch()
    (directory / "notes.txt").touch()

    do(keeper.write_checkpoint("nightly", contents()))

    assert sorted(path.name for path in directory.iterdir()) == ["1f2e.journal", "notes.txt"]


def test_large_values_stand_in_files_of_their_own(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """The journal stays small; equal values are kept once."""
    do(keeper.write_checkpoint("nightly", contents(shared_dict={'"k"': LARGE})))
    for number in range(20):
        do(keeper.record("nightly", [Commit("a", "C", number, result=LARGE, shared={'"l"': LARGE})]))

    journal = tmp_path / ".flowrun/nightly/1f2e.journal"
    assert journal.stat().st_size < 10_000
    assert len(list((tmp_path / ".flowrun/nightly/1f2e.values").iterdir())) == 1
    assert do(another(tmp_path).read_checkpoint("nightly")).results == {"a": LARGE}


@pytest.mark.parametrize("damage", ["changed", "gone", "short"])
def test_a_large_value_that_is_damaged_is_refused_by_name(
    keeper: FileCheckpointer, tmp_path: Path, damage: str
) -> None:
    """G11: files of values are checked by their hash."""
    do(keeper.write_checkpoint("nightly", contents(results={"a": LARGE})))
    [file] = (tmp_path / ".flowrun/nightly/1f2e.values").iterdir()
    if damage == "gone":
        file.unlink()
    else:
        file.write_text(LARGE[:-1] if damage == "short" else LARGE.replace("x", "y", 1))

    with pytest.raises(CheckpointInvalidError, match=file.name):
        do(another(tmp_path).read_checkpoint("nightly"))


def test_a_value_is_only_read_from_the_directory_of_its_run(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """A planted record does not lead anywhere else."""
    (tmp_path / "secret").write_text("1")
    do(keeper.write_checkpoint("nightly", contents(results={"a": '{"$file":"../../../secret"}'})))

    assert do(another(tmp_path).read_checkpoint("nightly")).results == {"a": '{"$file":"../../../secret"}'}


def test_a_cut_off_record_is_a_notice(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """G11: a torn last record is normal, and mentioned."""
    do(keeper.write_checkpoint("nightly", contents()))
    do(keeper.record("nightly", [Commit("a", "C")]))
    journal = tmp_path / ".flowrun/nightly/1f2e.journal"
    journal.write_bytes(journal.read_bytes()[:-5])
    reader = another(tmp_path)

    assert do(reader.read_checkpoint("nightly")).states == {"_": {"a", "b"}}
    assert reader.notices == [NOTICE.format(journal, 1)]


def test_a_damaged_run_does_not_hide_the_others_from_a_list(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """What cannot be shown is mentioned."""
    do(keeper.write_checkpoint("nightly", contents("good")))
    (tmp_path / ".flowrun/other").mkdir()
    (tmp_path / ".flowrun/other/bad.journal").write_text("x")
    reader = another(tmp_path)

    assert [found.run_id for found in do(reader.list_checkpoints())] == ["good"]
    assert len(reader.notices) == 1
    assert "bad.journal is damaged" in reader.notices[0]


def test_a_link_in_place_of_the_directory_harms_nobody(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """D-10: what is in a directory that the state directory leads to stays as it is."""
    (tmp_path / "victim/nightly").mkdir(parents=True)
    (tmp_path / "victim/precious").write_text("precious")
    (tmp_path / "victim/nightly/precious").write_text("precious")
    (tmp_path / ".flowrun").symlink_to(tmp_path / "victim")

    do(keeper.write_checkpoint("nightly", contents()))
    do(keeper.clear_checkpoint("nightly"))

    assert (tmp_path / "victim/precious").read_text() == "precious"
    assert (tmp_path / "victim/nightly/precious").read_text() == "precious"


@contextmanager
def files_at_most(count: int) -> Iterator[None]:
    """Nothing is written beyond so many bytes of a file: much like a full disk, and known to leave half a write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_record_that_cannot_be_written_leaves_no_trace(keeper: FileCheckpointer, tmp_path: Path) -> None:
    """D-03: the error has the path and the system's words; when there is room again, the next record is kept."""
    do(keeper.write_checkpoint("nightly", contents()))
    do(keeper.record("nightly", [Commit("a", "C")]))
    journal = tmp_path / ".flowrun/nightly/1f2e.journal"
    before = journal.read_bytes()

    too_large = rf"^cannot write {journal}: File too large$"
    with files_at_most(len(before) + 20), pytest.raises(StateError, match=too_large):
        do(keeper.record("nightly", [Commit("b", "F", 1)]))
    assert journal.read_bytes() == before
    do(keeper.record("nightly", [Commit("b", "C", 1)]))

    reader = another(tmp_path)
    assert do(reader.read_checkpoint("nightly")).states == {"C": {"a", "b"}}
    assert reader.notices == []


@pytest.mark.parametrize("result", [None, LARGE])
def test_a_first_checkpoint_that_cannot_be_written_replaces_nothing(
    keeper: FileCheckpointer, tmp_path: Path, result: str | None
) -> None:
    """X-FM-21: there is always a whole checkpoint: the old one until the new one is."""
    do(keeper.write_checkpoint("nightly", contents("old")))
    new = contents("new", results={"a": result} if result else {})

    with files_at_most(30), pytest.raises(StateError, match=r"cannot write .*/nightly/new\..*: File too large"):
        do(another(tmp_path).write_checkpoint("nightly", new))

    assert do(another(tmp_path).read_checkpoint("nightly")).run_id == "old"
    do(keeper.record("nightly", [Commit("a", "C")]))
    assert do(another(tmp_path).read_checkpoint("nightly")).states == {"C": {"a"}, "_": {"b"}}


class Faults:
    """The n-th of some calls of the system fails, after half of what it had to do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails_at: set[int], error: int, *others: str) -> None:
        self.calls = 0
        self._fails_at = fails_at
        self._error = error
        self._write = os.write
        monkeypatch.setattr(os, "write", self._half)
        for name in ("fsync", "fdatasync", "rename", "replace", *others):
            monkeypatch.setattr(os, name, self._failing(getattr(os, name)))

    def _is_hit(self) -> bool:
        self.calls += 1
        return self.calls in self._fails_at

    def _half(self, descriptor: int, data: bytes) -> int:
        if not self._is_hit():
            return self._write(descriptor, data)
        self._write(descriptor, data[: len(data) // 2])
        raise OSError(self._error, os.strerror(self._error))

    def _failing(self, call: Any) -> Any:
        def fail(*args: Any) -> Any:
            if self._is_hit():
                raise OSError(self._error, os.strerror(self._error))
            return call(*args)

        return fail


COMMIT = st.builds(
    Commit,
    task=st.sampled_from("ab"),
    state=st.sampled_from("RCF"),
    attempt=st.integers(1, 9),
    result=st.sampled_from([None, "1", LARGE]),
    is_durable=st.booleans(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    commits=st.lists(COMMIT, max_size=6),
    fails_at=st.sets(st.integers(1, 30), max_size=4),
    error=st.sampled_from([errno.ENOSPC, errno.EIO]),
)
def test_what_was_acknowledged_is_read_back_whatever_fails(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Commit], fails_at: set[int], error: int
) -> None:
    """G2: a commit counts exactly if `record` returned, whichever of the calls of the system failed in between."""
    root = tmp_path_factory.mktemp("project")
    keeper, expected = another(root), {"a": ("_", 0), "b": ("_", 0)}
    errors: list[str] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        Faults(monkeypatch, fails_at, error)
        while True:
            try:
                do(keeper.write_checkpoint("nightly", contents()))
                break
            except StateError as caught:
                errors.append(str(caught))
        for commit in commits:
            try:
                do(keeper.record("nightly", [commit]))
                expected[commit.task] = (commit.state, commit.attempt)
            except StateError as caught:
                errors.append(str(caught))
        found = do(another(root).read_checkpoint("nightly"))
    do(keeper.on_destroy())

    state_of = {task: letter for letter, tasks in found.states.items() for task in tasks}
    assert all(str(root) in words and words.endswith(os.strerror(error)) for words in errors)
    assert {task: (state_of[task], found.attempts.get(task, 0)) for task in "ab"} == expected


def test_what_could_not_be_cut_off_is_cut_off_later(
    keeper: FileCheckpointer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If even the half record cannot be taken back at once, it is before the next is written."""
    do(keeper.write_checkpoint("nightly", contents()))
    with monkeypatch.context() as patch:
        Faults(patch, {1, 2}, errno.EIO, "ftruncate")
        with pytest.raises(StateError, match="Input/output error"):
            do(keeper.record("nightly", [Commit("a", "F", 1)]))
    assert do(another(tmp_path).read_checkpoint("nightly")).states == {"_": {"a", "b"}}

    do(keeper.record("nightly", [Commit("b", "C", 1)]))

    reader = another(tmp_path)
    assert do(reader.read_checkpoint("nightly")).states == {"_": {"a"}, "C": {"b"}}
    assert reader.notices == []
