"""The exam of the checkpointers: one for all, and a further part for those that record each commit."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import PrivateAttr

from flowrun.checkpointer import CheckpointContents, Checkpointer, Commit, NoCheckpointAvailableError, checkpointer
from flowrun.checkpointer.file import FileCheckpointer
from flowrun.checkpointer.sqlite import SQLiteCheckpointer
from flowrun.errors import CheckpointInvalidError, StateError


@checkpointer
class JsonCheckpointer(Checkpointer):
    """What a user may write: three methods, one file."""

    file: str = "state.json"

    _root: Path = PrivateAttr(default=Path())

    def settle(self, root: Path) -> None:
        self._root = root

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        self._save(self._load() | {name: [{k: sorted(v) for k, v in content.states.items()}, content.shared_dict]})

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        if name not in self._load():
            raise NoCheckpointAvailableError(name)
        states, shared = self._load()[name]
        return CheckpointContents(name, {letter: set(tasks) for letter, tasks in states.items()}, shared)

    async def clear_checkpoint(self, name: str) -> None:
        self._save({other: kept for other, kept in self._load().items() if other != name})

    def _load(self) -> dict[str, Any]:
        path = self._root / self.file
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _save(self, kept: dict[str, Any]) -> None:
        (self._root / self.file).write_text(json.dumps(kept))


Make = Callable[[], Any]
"""Makes a checkpointer as a new process would."""

RECORDING: list[type[Any]] = [FileCheckpointer, SQLiteCheckpointer]


@contextmanager
def maker(cls: type[Any], root: Path) -> Iterator[Make]:
    every: list[Any] = []

    def make() -> Any:
        made = cls()
        made.settle(root)
        every.append(made)
        return made

    yield make
    for made in every:
        do(made.on_destroy())


@pytest.fixture(params=[*RECORDING, JsonCheckpointer], ids=lambda cls: cls.__name__)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    with maker(request.param, tmp_path) as make:
        yield make


@pytest.fixture(params=RECORDING, ids=lambda cls: cls.__name__)
def make_recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    with maker(request.param, tmp_path) as make:
        yield make


def do(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def contents(name: str = "nightly", run_id: str = "", **more: Any) -> CheckpointContents:
    states = more.pop("states", {"C": {"a", "b"}, "F": {"c"}, "_": {"d"}})
    return CheckpointContents(name, states, more.pop("shared_dict", {'"day"': '"x"'}), run_id, **more)


# Every checkpointer


def test_nothing_is_kept_at_first(make: Make) -> None:
    """X-FM-22: it works in an empty directory, and says that there is nothing to continue."""
    with pytest.raises(NoCheckpointAvailableError):
        do(make().read_checkpoint("nightly"))
    assert do(make().list_checkpoints()) == []


def test_what_was_written_is_read_by_another_process(make: Make) -> None:
    """FM-71, FM-76: name, states and shared values come back."""
    do(make().write_checkpoint("nightly", contents()))

    found = do(make().read_checkpoint("nightly"))

    assert (found.name, found.states, found.shared_dict) == (
        "nightly",
        {"C": {"a", "b"}, "F": {"c"}, "_": {"d"}},
        {'"day"': '"x"'},
    )


def test_writing_again_replaces(make: Make) -> None:
    """FM-71: the last snapshot counts."""
    one = make()
    do(one.write_checkpoint("nightly", contents()))
    do(one.write_checkpoint("nightly", contents(states={"C": {"a"}}, shared_dict={})))

    found = do(make().read_checkpoint("nightly"))

    assert (found.states, found.shared_dict) == ({"C": {"a"}}, {})


def test_a_cleared_checkpoint_is_gone(make: Make) -> None:
    """FM-71: after full success there is nothing to continue."""
    one = make()
    do(one.write_checkpoint("nightly", contents()))

    do(one.clear_checkpoint("nightly"))

    with pytest.raises(NoCheckpointAvailableError):
        do(make().read_checkpoint("nightly"))
    do(make().clear_checkpoint("nightly"))


def test_another_process_clears(make: Make) -> None:
    """What is cleared need not have been written by the same object."""
    do(make().write_checkpoint("nightly", contents()))
    do(make().clear_checkpoint("nightly"))

    with pytest.raises(NoCheckpointAvailableError):
        do(make().read_checkpoint("nightly"))


NAMES = ["nightly", "Nightly", "a/b", "../up", "..", ".", "", " ", "näme 😀", "x" * 300, "x" * 301, "a\nb", "%41", "*"]


def test_jobs_of_any_name_do_not_see_each_other(make: Make, tmp_path: Path) -> None:
    """FM-26, X-FM-21: a name may contain anything, and nothing is written beside the directory of the project."""
    before = set(tmp_path.parent.iterdir())
    for number, name in enumerate(NAMES):
        do(make().write_checkpoint(name, contents(name, "1f", states={"C": {f"task {number}"}})))

    found = [do(make().read_checkpoint(name)).states for name in NAMES]

    assert found == [{"C": {f"task {number}"}} for number in range(len(NAMES))]
    assert set(tmp_path.parent.iterdir()) == before


def test_a_run_is_found_by_its_id(make: Make) -> None:
    """`-r RUN` of a run that is not kept is refused."""
    do(make().write_checkpoint("nightly", contents(run_id="")))

    with pytest.raises(NoCheckpointAvailableError, match=r"'1f2e'.*'nightly'"):
        do(make().read_run("nightly", "1f2e"))


def test_the_hooks_can_be_called(make: Make) -> None:
    """FM-65: a checkpointer has the life of every part of a job; none of its hooks raises."""
    one = make()

    async def live() -> None:
        for hook in ("on_create", "on_restart", "on_success", "on_failure", "on_abort", "on_destroy"):
            await getattr(one, hook)()

    do(live())


# Those that record


FULL = contents(
    run_id="1f2e3d4c",
    results={"a": '{"rows":41000}', "b": "null"},
    digests={"a": {"variant": "12ab"}},
    attempts={"a": 1, "b": 2, "c": 3},
    started="2026-11-21T04:00:00+00:00",
    ended="2026-11-21T04:00:01+00:00",
)


def test_everything_comes_back(make_recording: Make) -> None:
    """FM-71: no field of the contents is lost."""
    do(make_recording().write_checkpoint("nightly", deepcopy(FULL)))

    assert do(make_recording().read_checkpoint("nightly")) == FULL


def test_commits_change_what_was_written(make_recording: Make) -> None:
    """G2: what was recorded is read after a kill: nobody said goodbye."""
    one = make_recording()
    do(one.write_checkpoint("nightly", deepcopy(FULL)))
    do(one.record("nightly", [Commit("c", "R", 4, is_durable=False), Commit("d", "R", 1, is_durable=False)]))
    shared = {'"day"': None, '"new"': '{"$set":[1]}', "1": '"one"'}
    do(one.record("nightly", [Commit("c", "C", 4, result="[1,2]", shared=shared, at="later")]))
    do(one.record("nightly", [Commit("d", "F", 1, reason="ValueError: no rows")]))
    do(one.record("nightly", [Commit("e", "S")]))

    found = do(make_recording().read_checkpoint("nightly"))

    assert found.states == {"C": {"a", "b", "c"}, "F": {"d"}, "S": {"e"}}
    assert found.attempts == {"a": 1, "b": 2, "c": 4, "d": 1}
    assert found.results == FULL.results | {"c": "[1,2]"}
    assert found.shared_dict == {'"new"': '{"$set":[1]}', "1": '"one"'}
    assert (found.started, found.ended, found.run_id) == (FULL.started, "later", FULL.run_id)


def test_a_task_that_was_running_is_still_running(make_recording: Make) -> None:
    """FM-74: what a crash cut off is known by its state."""
    one = make_recording()
    do(one.write_checkpoint("nightly", contents(states={"_": {"a"}})))
    do(one.record("nightly", [Commit("a", "P"), Commit("a", "R", 1, is_durable=False)]))

    assert do(make_recording().read_checkpoint("nightly")).states == {"R": {"a"}}


TEXTS = [
    "null",
    '"ü😀"',
    '"\\ud83d"',
    '{"$text":"x"}',
    '{"$file":"x","bytes":1}',
    "1e400",
    "1.50",
    '{ "spaces": 1 }',
    '{"a":1,"a":2}',
    "no json at all\n",
    "NaN",
    "",
    json.dumps("x" * 70_000),
    json.dumps("\u00fc" * 70_000, ensure_ascii=False),
    json.dumps(list(range(30_000)), separators=(",", ":")),
]


def test_texts_come_back_letter_by_letter(make_recording: Make) -> None:
    """Whatever a worker sent, large or odd."""
    one = make_recording()
    texts = {str(number): text for number, text in enumerate(TEXTS)}
    do(one.write_checkpoint("nightly", contents(results=texts, shared_dict=dict(texts))))
    for name, text in texts.items():
        do(one.record("nightly", [Commit(f"later {name}", "C", 1, result=text, shared={text: text})]))

    found = do(make_recording().read_checkpoint("nightly"))

    assert found.results == texts | {f"later {name}": text for name, text in texts.items()}
    assert found.shared_dict == texts | {text: text for text in TEXTS}


def test_nothing_is_added_to_nothing(make_recording: Make) -> None:
    """Commits without a checkpoint would be commits to nowhere."""
    with pytest.raises(StateError, match="'nightly'"):
        do(make_recording().record("nightly", [Commit("a", "C")]))


def test_a_restart_goes_on_with_the_same_run(make_recording: Make) -> None:
    """The checkpoint of a run is replaced when the run is continued, and goes when it is finished."""
    do(make_recording().write_checkpoint("nightly", contents(run_id="aa", states={"F": {"a"}})))
    again = make_recording()
    do(again.write_checkpoint("nightly", contents(run_id="aa", states={"_": {"a"}})))
    do(again.record("nightly", [Commit("a", "C", 2)]))

    assert do(make_recording().read_checkpoint("nightly")).states == {"C": {"a"}}
    do(again.clear_checkpoint("nightly"))
    assert do(make_recording().list_checkpoints()) == []


def begin_runs(make: Make, ids: list[str], name: str = "nightly") -> None:
    large = json.dumps("x" * 70_000)
    for run_id in ids:
        one = make()
        do(one.write_checkpoint(name, contents(name, run_id, states={"F": {run_id}}, results={"r": large})))
        do(one.on_destroy())


def test_a_new_run_leaves_the_five_newest_of_the_old_ones(make_recording: Make) -> None:
    """X-FM-22: abandoned runs do not pile up; `-r RUN` continues one of the last."""
    begin_runs(make_recording, [f"run{number}" for number in range(8)])

    assert do(make_recording().read_checkpoint("nightly")).run_id == "run7"
    kept = [found.run_id for found in do(make_recording().list_checkpoints())]
    assert kept == ["run7", "run6", "run5", "run4", "run3", "run2"]
    assert do(make_recording().read_run("nightly", "run2")).states == {"F": {"run2"}}
    with pytest.raises(NoCheckpointAvailableError, match="'run1'"):
        do(make_recording().read_run("nightly", "run1"))


def test_an_old_run_is_not_continued_after_a_newer_one_succeeded(make_recording: Make) -> None:
    """FM-73: a restart takes the latest run, and only if that is unfinished."""
    begin_runs(make_recording, ["old"])
    one = make_recording()
    do(one.write_checkpoint("nightly", contents(run_id="new")))
    do(one.clear_checkpoint("nightly"))

    with pytest.raises(NoCheckpointAvailableError):
        do(make_recording().read_checkpoint("nightly"))
    assert do(make_recording().read_run("nightly", "old")).run_id == "old"


def test_an_old_run_can_become_the_one_to_continue(make_recording: Make) -> None:
    """`-r RUN` makes it the latest."""
    begin_runs(make_recording, ["one", "two", "one"])

    assert do(make_recording().read_checkpoint("nightly")).run_id == "one"
    assert do(make_recording().read_run("nightly", "two")).states == {"F": {"two"}}
    assert do(make_recording().read_run("nightly", "one")).states == {"F": {"one"}}
    assert len(do(make_recording().list_checkpoints())) == 2


def test_a_run_is_named_by_the_begin_of_its_id(make_recording: Make) -> None:
    """A begin that fits several is refused, with their names; a whole id always fits."""
    begin_runs(make_recording, ["1f2e", "1f3e", "1f"])

    assert do(make_recording().read_run("nightly", "1f2")).run_id == "1f2e"
    assert do(make_recording().read_run("nightly", "1f")).run_id == "1f"
    with pytest.raises(StateError, match=r"begin with '1': 1f, 1f2e, 1f3e"):
        do(make_recording().read_run("nightly", "1"))
    with pytest.raises(NoCheckpointAvailableError):
        do(make_recording().read_run("other", "1f2e"))


def test_one_run_can_be_cleared(make_recording: Make) -> None:
    """FM-15: saved runs can be cleared; the others stay."""
    begin_runs(make_recording, ["aa", "bb"])

    do(make_recording().clear_run("nightly", "a"))

    assert [found.run_id for found in do(make_recording().list_checkpoints())] == ["bb"]
    with pytest.raises(NoCheckpointAvailableError):
        do(make_recording().clear_run("nightly", "a"))


def test_the_runs_of_all_jobs_are_listed(make_recording: Make) -> None:
    """FM-15: what is kept can be looked at."""
    begin_runs(make_recording, ["aa"], "one")
    begin_runs(make_recording, ["bb"], "two")

    found = do(make_recording().list_checkpoints())
    assert {(each.name, each.run_id) for each in found} == {("two", "bb"), ("one", "aa")}


def state_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.name != ".gitignore"]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "zeros": lambda data: b"\0" * len(data),
    "flipped": lambda data: bytes(byte ^ 0x55 if place % 97 == 13 else byte for place, byte in enumerate(data)),
    "doubled": lambda data: data + data,
    "text": lambda data: b"this is no checkpoint\n" * 20,
}


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "doubled"])
def test_damage_is_refused_by_name_and_a_new_run_can_begin(make_recording: Make, tmp_path: Path, damage: str) -> None:
    """G11: damaged state is named and refused; a plain run always works."""
    begin_runs(make_recording, ["aa"])
    for path in state_files(tmp_path):
        path.write_bytes(DAMAGE[damage](path.read_bytes()))

    with pytest.raises(CheckpointInvalidError) as caught:
        do(make_recording().read_checkpoint("nightly"))
    assert any(str(path) in str(caught.value) for path in state_files(tmp_path))

    begin_runs(make_recording, ["bb"])
    assert do(make_recording().read_checkpoint("nightly")).run_id == "bb"


def test_only_the_user_can_read_what_is_kept(make_recording: Make, tmp_path: Path) -> None:
    """G11: whatever the umask, files are 0600 and directories 0700."""
    before = os.umask(0)
    try:
        one = make_recording()
        do(one.write_checkpoint("nightly", contents(results={"a": json.dumps("x" * 70_000)})))
        do(one.record("nightly", [Commit("a", "C", 1, result=json.dumps("y" * 70_000))]))
    finally:
        os.umask(before)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert {path: oct(mode) for path, mode in modes.items()} == {
        path: oct(0o700 if path.is_dir() else 0o600) for path in modes
    }


def test_a_directory_that_cannot_be_made_is_named(make_recording: Make, tmp_path: Path) -> None:
    """D-05: a run whose state cannot be kept is refused before anything starts."""
    (tmp_path / "file").touch()
    one = make_recording()
    one.settle(tmp_path / "file")

    with pytest.raises(StateError, match=r"cannot write .*file/.*: (Not a directory|File exists)"):
        do(one.write_checkpoint("nightly", contents()))


LETTERS = st.sampled_from("PRCFDAS")
COMMITS = st.builds(
    Commit,
    task=st.sampled_from(["a", "b", "ü/\n"]),
    state=LETTERS,
    attempt=st.integers(0, 3),
    result=st.none() | st.sampled_from(["1", '"x"', '{"$text":1}', "{}"]),
    shared=st.dictionaries(st.sampled_from(['"k"', "1", "[2]"]), st.none() | st.sampled_from(["1", "null"])),
    is_durable=st.booleans(),
)


def applied(to: CheckpointContents, commit: Commit) -> None:
    """What a commit means, said once more."""
    for names in to.states.values():
        names.discard(commit.task)
    to.states.setdefault(commit.state, set()).add(commit.task)
    to.states = {letter: names for letter, names in to.states.items() if names}
    if commit.attempt:
        to.attempts[commit.task] = commit.attempt
    if commit.result is not None:
        to.results[commit.task] = commit.result
    for key, text in commit.shared.items():
        to.shared_dict.pop(key, None)
        if text is not None:
            to.shared_dict[key] = text


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(COMMITS, min_size=1, max_size=3), max_size=5))
def test_any_commits_come_back(make_recording: Make, batches: list[list[Commit]]) -> None:
    """What is read is what was written and everything recorded since."""
    expected = deepcopy(FULL)
    one = make_recording()
    do(one.write_checkpoint("nightly", deepcopy(FULL)))
    for batch in batches:
        do(one.record("nightly", batch))
        for commit in batch:
            applied(expected, commit)

    assert do(make_recording().read_checkpoint("nightly")) == expected
    do(one.on_destroy())


def test_what_people_have_said_comes_back(make_recording: Make) -> None:
    """That of the checkpoint, and what came since; the last counts."""
    one, yes, no = make_recording(), {"answer": "approved", "to": "1"}, {"answer": "rejected", "to": "2"}
    do(one.write_checkpoint("nightly", contents(approvals={"a": yes, "b": yes})))
    do(one.record("nightly", [Commit("b", "P", approval=no), Commit("c", "P", approval=yes)]))

    assert do(make_recording().read_checkpoint("nightly")).approvals == {"a": yes, "b": no, "c": yes}
