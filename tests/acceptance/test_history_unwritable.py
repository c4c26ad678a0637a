"""A history that cannot be written, as of an artifact or another user, is read nonetheless, wherever it lies."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..project import Finished, Project
from ..served import Served

Ask = Callable[..., Finished]

_DROP_FROM_BOUNDING_SET = 24
_MAY_ALL = (1, 2)
"""What lets root pass over the modes of files."""


def obeying() -> None:
    """Let modes of files count for root, too."""
    for capability in _MAY_ALL:
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


@pytest.fixture
def kept(project: Project, tmp_path: Path) -> Iterator[Callable[[], Project]]:
    """Moves the project to another place, in which nothing can be written."""
    moved: list[Path] = []

    def keep() -> Project:
        there = Project(tmp_path / "artifact", tmp_path / "beside")
        shutil.copytree(project.root, there.root, dirs_exist_ok=True)
        shutil.rmtree(project.root)
        moved.append(there.root)
        _change_modes(there.root, lambda mode: mode & ~0o222)
        return there

    yield keep
    for root in moved:
        _change_modes(root, lambda mode: mode | stat.S_IWUSR)


def _change_modes(root: Path, change: Callable[[int], int]) -> None:
    for path in (root, *root.rglob("*")):
        path.chmod(change(stat.S_IMODE(path.stat().st_mode)))


def runs(project: Project) -> None:
    """A run that completed, and one that failed."""
    project.job({"one": "Step"}, config={"name": "shop"})
    assert project.run().status == 0
    project.job({"one": "Step", "two": {"task": "Fails", "dependencies": ["one"]}}, config={"name": "shop"})
    assert project.run().status == 1


def ask(project: Project, *arguments: str) -> Finished:
    """What a command says where nothing can be written."""
    return project.command(*arguments, preexec_fn=obeying).wait()


@pytest.mark.parametrize("is_read_before", [False, True])
def test_everything_that_reads_works_without_writing(
    project: Project, kept: Callable[[], Project], is_read_before: bool
) -> None:
    """Of runs that were taken into the database and of those that were not, with their logs; it is said once."""
    if is_read_before:
        project.job({"zero": "Step"}, config={"name": "earlier"})
        project.run()
        project.command("runs").wait()
    runs(project)
    there = kept()
    before = _contents(there.root)

    listed = ask(there, "runs", "--json")
    asked = [
        ask(there, *arguments)
        for arguments in (
            ("status", "@last"),
            ("logs", "@last"),
            ("diff", "@last-good", "@last"),
            ("explain", "@last", "two"),
            ("report", "@last"),
        )
    ]

    found = [(run["job"], run["state"]) for run in json.loads(listed.out)["runs"]]
    assert found == [("shop", "failed"), ("shop", "completed"), *[("earlier", "completed")] * is_read_before]
    for done in (listed, *asked):
        assert done.status == 0, done
        assert done.err.count("cannot be written: what is shown is read into a copy") == 1
    assert "was deleted" not in asked[1].err
    assert asked[1].out
    assert _contents(there.root) == before


def test_the_page_shows_what_it_cannot_write(
    project: Project, kept: Callable[[], Project], serve: Callable[..., Served]
) -> None:
    """`serve --read-only` needs nothing but to read; without the option it says what to do.

    CF-63: errors are in what is read, and in no file of the machine on which the run was.
    """
    runs(project)
    there = kept()

    refused = ask(there, "serve", "--port", "0")
    served = Served(there, "--read-only", preexec_fn=obeying)
    try:
        rows = served.get("/runs")["items"]
        task = served.get("/runs/@last/tasks")["items"][0]["name"]
        lines = served.get("/runs/@last/log")["lines"]
        cause = served.get("/runs/@last")["cause"]
        notice = served.get("/system")["store"]["notice"]
    finally:
        served.close()

    assert [run["status"] for run in rows] == ["failed", "completed"]
    assert task == "one"
    assert lines
    assert (cause["task"], cause["reason"]) == ("two", "raised")
    assert "Traceback" in cause["traceback"]
    assert "cannot be written" in notice
    assert refused.status == 5, refused
    assert "--read-only" in refused.err


def test_what_others_write_meanwhile_is_shown(project: Project, kept: Callable[[], Project]) -> None:
    """Somebody else may write where the server may not, and has taken one run into the database already."""
    runs(project)
    there = kept()
    served = Served(there, "--read-only", preexec_fn=obeying)
    try:
        before = len(served.get("/runs")["items"])
        _change_modes(there.root, lambda mode: mode | stat.S_IWUSR)
        there.run()
        there.command("runs").wait()
        there.run()
        after = len(served.get("/runs")["items"])
    finally:
        served.close()

    assert (before, after) == (2, 4)


def test_a_history_that_may_not_be_read_is_no_empty_one(project: Project) -> None:
    """Whoever may not read is told so. Status 5."""
    runs(project)
    state = project.root / ".flowrun"
    state.chmod(0)
    try:
        done = ask(project, "runs")
    finally:
        state.chmod(0o700)

    assert done.status == 5, done
    assert f"cannot read {state}: Permission denied" in done.err
    first, second = sorted(state.glob("history/spool/*.jsonl"))
    first.chmod(0)
    done = ask(project, "runs", "--json")
    assert (done.status, len(json.loads(done.out)["runs"])) == (0, 1)
    assert f"what other users have left may not be read: {first}" in done.err
    assert not second.exists(), "it was taken"


def test_nothing_is_deleted_from_a_copy(project: Project, kept: Callable[[], Project]) -> None:
    """`clean` refuses what it cannot do."""
    runs(project)
    there = kept()

    done = ask(there, "clean", "--max-size", "1", "--yes")

    assert done.status == 5, done
    assert "Permission denied" in done.err
    assert "Traceback" not in done.err


def _contents(root: Path) -> dict[str, Any]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file() and os.access(path, os.R_OK)}
