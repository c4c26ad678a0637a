"""Pools of the user's configuration hold across all jobs on the machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..project import Project, Started, eventually

JOB: dict[str, dict[str, Any]] = {"first": {"task": "Step", "pool": "warehouse", "parameters": {"waits_for": "flag"}}}


@pytest.fixture
def warehouse(make_project: Callable[..., Project], tmp_path: Path) -> Callable[..., Project]:
    """Makes projects of one user, who has a pool with one slot."""
    (tmp_path / "config.toml").write_text("[pools]\nwarehouse = 1\n")

    def make() -> Project:
        project = make_project()
        project.environment |= {
            "FLOWRUN_CONFIG": str(tmp_path / "config.toml"),
            "FLOWRUN_RUNTIME_DIR": str(tmp_path / "runtime"),
        }
        project.job(JOB)
        return project

    return make


def until_it_waits(waiting: Started) -> None:
    eventually(lambda: '"TaskWaiting"' in waiting.so_far())


def test_a_job_waits_for_the_slot_of_another_and_says_so(warehouse: Callable[..., Project]) -> None:
    """It starts its task when the other job has ended its own. AS-23"""
    one, other = warehouse(), warehouse()
    holding = one.start()
    one.wait_for_mark("first")
    (other.root / "flag").touch()
    waiting = other.start("--output", "lines", stderr=subprocess.STDOUT)
    eventually(lambda: "waiting first for pool warehouse" in waiting.so_far())
    assert other.count("first") == 0
    (one.root / "flag").touch()

    assert holding.wait().status == 0
    assert waiting.wait().status == 0
    end, start = one.marks("first", "end")[0].at, other.marks("first", "start")[0].at
    assert end < start


def test_the_slot_of_a_job_that_was_killed_is_free(warehouse: Callable[..., Project]) -> None:
    """Whatever happens to its holder, a slot is never lost. AS-23"""
    one, other = warehouse(), warehouse()
    holding = one.start()
    one.wait_for_mark("first")
    (other.root / "flag").touch()
    waiting = other.start()
    until_it_waits(waiting)
    holding.kill()

    assert waiting.wait().status == 0
    assert other.count("first", "end") == 1
    assert one.all_gone()


def test_a_job_that_waits_can_be_stopped(warehouse: Callable[..., Project]) -> None:
    """At once; its task has not started."""
    one, other = warehouse(), warehouse()
    one.start()
    one.wait_for_mark("first")
    waiting = other.start()
    until_it_waits(waiting)
    waiting.signal(signal.SIGINT)
    done = waiting.wait()

    assert done.status == 130
    assert done.states == {"first": "ABORTED"}
    assert other.count("first") == 0


def test_jobs_with_many_tasks_take_turns(warehouse: Callable[..., Project]) -> None:
    """A job that has had its time leaves the next slot to one that waits."""
    one, other = warehouse(), warehouse()
    long = {**JOB["first"], "parameters": {"waits_for": "flag", "seconds": 1.1}}
    one.job({"first": long, "second": {"task": "Step", "pool": "warehouse"}}, config={"synchro_interval_seconds": 2})
    many = one.start()
    one.wait_for_mark("first")
    (other.root / "flag").touch()
    few = other.start()
    until_it_waits(few)
    (one.root / "flag").touch()

    assert few.wait().status == 0
    assert many.wait().status == 0
    assert other.marks("first", "start")[0].at < one.marks("second", "start")[0].at


def test_tasks_of_a_job_keep_the_limit_too(warehouse: Callable[..., Project]) -> None:
    """And a pool under `pools:` of the job stands above the one of the machine."""
    project = warehouse()
    step = {"task": "Step", "pool": "warehouse", "parameters": {"seconds": 0.3}}
    project.job({"a": step, "b": step})
    shared = project.run()
    ends, starts = project.marks(None, "end"), project.marks(None, "start")
    project.job({"a": step, "b": step}, pools={"warehouse": 2})
    own = project.run()

    assert shared.status == own.status == 0
    assert min(mark.at for mark in ends) < max(mark.at for mark in starts)
    assert max(mark.at for mark in project.marks(None, "start")[2:]) < min(
        mark.at for mark in project.marks(None, "end")[2:]
    )


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("[pools]\nwarehouse = 0\n", "pool `warehouse` needs a number of slots from 1 to 1000", "config.toml:2:1"),
        ('[pools]\nwarehouse = "4"\n', "as in `warehouse = 4`, found '4'", "config.toml:2:1"),
        ("\n[pool]\nwarehouse = 4\n", "unknown table `pool`", "config.toml:2:1"),
        ("[pools\n", "it is no TOML: ", "config.toml:1:1"),
        ("pools = 4\n", "`pools` is no table", "config.toml:1:1"),
    ],
)
def test_mistakes_in_the_configuration_are_told(
    warehouse: Callable[..., Project], tmp_path: Path, text: str, message: str, place: str
) -> None:
    """With their place, before anything starts, and once for all tasks."""
    project = warehouse()
    project.job({"a": {"task": "Step", "pool": "warehouse"}, "b": {"task": "Step", "pool": "warehouse"}})
    (tmp_path / "config.toml").write_text(text)
    done = project.run()

    assert done.status == 3
    assert done.err.count("FR414") == 2  # the mistake, and where more is told
    assert message in done.err
    assert place in done.err
    assert not project.marks()


def test_a_pool_that_nobody_has_is_refused_with_those_there_are(warehouse: Callable[..., Project]) -> None:
    """Also without a configuration; a job that names no pool does not read it."""
    project = warehouse()
    project.job({"a": {"task": "Step", "pool": "warehose"}})
    near = project.run()
    project.environment["FLOWRUN_CONFIG"] = "no-such.toml"
    named = project.run()
    project.environment["FLOWRUN_CONFIG"] = ""
    project.environment["XDG_CONFIG_HOME"] = str(project.aside)
    without = project.run()
    project.job({"a": "Step"})
    project.environment["FLOWRUN_CONFIG"] = "no-such.toml"
    not_read = project.run()

    assert "no pool is called `warehose`" in near.err
    assert "did you mean `warehouse`?" in near.err
    assert "there is no such file, and FLOWRUN_CONFIG names it" in named.err
    assert "FR405" in without.err
    assert not_read.status == 0


def test_slots_lie_where_only_their_user_can_reach_them(warehouse: Callable[..., Project], tmp_path: Path) -> None:
    """A directory that others can write into is refused."""
    project = warehouse()
    (project.root / "flag").touch()
    fine = project.run()
    runtime = tmp_path / "runtime"
    mode = runtime.stat().st_mode & 0o777
    os.chmod(runtime, 0o777)
    refused = project.run()

    assert fine.status == 0
    assert mode == 0o700
    assert refused.status == 5
    assert "must be a directory of this user alone" in refused.err
