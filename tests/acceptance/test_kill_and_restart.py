"""A killed run loses nothing that was finished: `-r` keeps it, runs the rest, and nothing of the first run is alive."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.project import birth, eventually

if TYPE_CHECKING:
    from tests.project import Project, Started

EXECUTORS = pytest.mark.parametrize("executor", ["process", "thread", "async"])

VALUES = """
from datetime import date
from decimal import Decimal

@task
class Writes(Traced):
    def run(self) -> dict[str, object]:
        self.mark("start")
        self.shared_dict["day"] = date(2026, 1, 2)
        self.shared_dict["parts"] = [1, (2, 3), {"four"}]
        self.shared_dict["parts"].append(Decimal("5.50"))
        self.shared_dict["gone"] = 1
        del self.shared_dict["gone"]
        self.mark("end")
        return {"rows": 3}

@task
class Reads(Traced):
    waits_for: str = ""

    def run(self) -> None:
        self.mark("start")
        self.mark("read", text=repr(sorted(self.shared_dict.items(), key=str)))
        while self.waits_for and not os.path.exists(self.waits_for):
            time.sleep(0.01)
        self.mark("end")
"""

WHAT_WAS_WRITTEN = "[('day', datetime.date(2026, 1, 2)), ('parts', [1, (2, 3), {'four'}, Decimal('5.50')])]"


def job(project: Project, executor: str) -> None:
    """A task that ends, one that is under way, and one after it."""
    project.job(
        {
            "done": {"task": "Step", "executor": executor},
            "busy": {
                "task": "Step",
                "executor": executor,
                "dependencies": ["done"],
                "parameters": {"waits_for": str(project.flag)},
            },
            "later": {"task": "Step", "executor": executor, "dependencies": ["busy"]},
        }
    )


def kill_everything(project: Project, started: Started) -> None:
    """What happens to the processes of a container that is killed."""
    for _ in range(3):
        for pid in project.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    started.kill()


@EXECUTORS
def test_a_killed_run_is_continued(project: Project, executor: str) -> None:
    """The finished task is kept, the one that was cut off runs again, with on_restart. FM-04, FM-58, FM-71, X-FM-23"""
    job(project, executor)
    started = project.start()
    cut_off = project.wait_for_mark("busy")
    started.kill()
    assert project.all_gone()
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 0
    assert [project.count(name) for name in ("done", "busy", "later")] == [1, 2, 1]
    assert [project.count(name, "on_restart") for name in ("done", "busy", "later")] == [0, 1, 0]
    assert birth(cut_off.pid) != cut_off.born
    assert project.marks("busy", "start")[1].attempt == 2


def test_everything_killed_at_once_is_continued(project: Project) -> None:
    """Also if the processes that guard the others die in the same moment. FM-71"""
    job(project, "process")
    started = project.start()
    project.wait_for_mark("busy")
    kill_everything(project, started)
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 0
    assert [project.count(name) for name in ("done", "busy", "later")] == [1, 2, 1]


@pytest.mark.parametrize("helper", ["child", "own session"])
def test_nobody_outlives_a_killed_runner(project: Project, helper: str) -> None:
    """Task processes, what they started, and what left their session. FM-23, X-FM-07"""
    project.job({"busy": {"task": "Busy", "parameters": {"helper": helper}}, "busy2": "Busy"})
    started = project.start()
    for name in ("busy", "busy2"):
        project.wait_for_mark(name, "ready")
    assert len(project.alive()) >= 5
    started.kill()

    assert project.all_gone()


def test_a_restart_right_after_a_kill_never_overlaps(project: Project) -> None:
    """The new run begins when the old tasks are dead, without any waiting on the side of whoever starts it. X-FM-07"""
    project.task_module(
        """
@task
class Ticks(Traced):
    waits_for: str

    def run(self) -> None:
        self.mark("start")
        while not os.path.exists(self.waits_for):
            self.mark("tick")
            time.sleep(0.005)
        self.mark("end")
"""
    )
    project.job({"busy": {"task": "Ticks", "parameters": {"waits_for": str(project.flag)}}})
    started = project.start()
    first = project.wait_for_mark("busy", "tick", 3).pid
    started.kill()

    again = project.start("-r")
    project.wait_for_mark("busy", "start", 2)
    project.flag.touch()

    assert again.wait().status == 0
    second_start = project.marks("busy", "start")[1].at
    assert max(mark.at for mark in project.marks("busy") if mark.pid == first) < second_start


@EXECUTORS
def test_shared_values_and_results_come_back(project: Project, executor: str) -> None:
    """What a finished task has shared is there after a kill, its result too. FM-51, FM-71"""
    project.task_module(VALUES)
    reads = {
        "task": "Reads",
        "executor": executor,
        "dependencies": ["w"],
        "parameters": {"waits_for": str(project.flag)},
    }
    project.job({"w": {"task": "Writes", "executor": executor}, "r": reads})
    started = project.start()
    project.wait_for_mark("r", "read")
    started.kill()
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 0
    assert project.count("w") == 1
    assert [mark.more["text"] for mark in project.marks("r", "read")] == [WHAT_WAS_WRITTEN] * 2


def test_what_a_cut_off_task_has_shared_does_not_come_back(project: Project) -> None:
    """Shared values are kept with the completion of the task that wrote them."""
    project.task_module(
        """
@task
class WritesFirst(Traced):
    waits_for: str

    def run(self) -> None:
        self.mark("start", before=sorted(self.shared_dict))
        self.shared_dict["half"] = True
        self.mark("written")
        while not os.path.exists(self.waits_for):
            time.sleep(0.01)
"""
    )
    project.job({"a": {"task": "WritesFirst", "parameters": {"waits_for": str(project.flag)}}})
    started = project.start()
    project.wait_for_mark("a", "written")
    started.kill()
    project.flag.touch()

    assert project.run("-r").status == 0
    assert project.marks("a", "start")[1].more["before"] == []


@pytest.mark.parametrize("milliseconds", [10, 50, 100, 150, 200, 300])
def test_a_kill_during_start_up_leaves_a_job_that_runs(project: Project, milliseconds: int) -> None:
    """Whenever it comes, `-r` afterwards runs everything. FM-71, X-FM-21"""
    job(project, "process")
    project.flag.touch()
    started = project.start()
    time.sleep(milliseconds / 1000)  # the moment is what is tried: any will do
    started.kill()

    done = project.run("-r")

    assert done.status == 0
    assert all(project.count(name, "end") >= 1 for name in ("done", "busy", "later"))


def test_restart_of_a_job_that_never_ran_runs_it(project: Project) -> None:
    """And so does `-r` after a success; neither is a restart for the tasks. FM-04"""
    job(project, "process")
    project.flag.touch()

    first, second = project.run("-r"), project.run("-r")

    assert (first.status, second.status) == (0, 0)
    assert [project.count(name) for name in ("done", "busy", "later")] == [2, 2, 2]
    assert project.count("busy", "on_restart") == 0


def test_without_restart_everything_runs_again(project: Project) -> None:
    """A plain run begins anew whatever is kept."""
    job(project, "process")
    started = project.start()
    project.wait_for_mark("busy")
    started.kill()
    project.flag.touch()

    assert project.run().status == 0
    assert [project.count(name) for name in ("done", "busy", "later")] == [2, 2, 1]
    assert project.count("busy", "on_restart") == 0


def test_a_second_kill_forgets_nothing_of_the_first_run(project: Project) -> None:
    """A restart that is killed before it comes to a failed task still calls on_restart for it in the next. FM-58"""
    project.job(
        {
            "slow": {"task": "Step", "priority": 1, "parameters": {"waits_for": str(project.flag)}},
            "f": {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}},
        }
    )
    first = project.start()
    project.wait_for_mark("slow")
    eventually(lambda: '"to_state": "F"' in first.so_far())
    first.kill()
    second = project.start("-r", "--max-concurrency", "1")
    project.wait_for_mark("slow", count=2)
    second.kill()
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 0
    assert project.count("f", "on_restart") == 1
    assert project.count("slow", "on_restart") == 2


def test_a_named_run_is_continued(project: Project) -> None:
    """`-r RUN` takes the run with this id, also if a newer one was started in its place; an unknown id is refused."""
    job(project, "process")
    ids = []
    for _ in range(2):
        count = project.count("busy")
        started = project.start()
        project.wait_for_mark("busy", count=count + 1)
        started.kill()
        newest = max((project.root / ".flowrun" / "job").glob("*.journal"), key=lambda path: path.stat().st_mtime_ns)
        ids.append(newest.stem)
    project.flag.touch()

    refused = project.run("-r", "nothing")
    first = project.run("-r", ids[0][:6])

    assert refused.status == 5
    assert "nothing" in refused.err
    assert (first.status, first.report["run_id"]) == (0, ids[0])
    assert project.count("done") == 2


@EXECUTORS
def test_a_task_that_runs_at_most_once_is_lost(project: Project, executor: str) -> None:
    """After a crash it is failed instead of started again; what depends on it is held back, the others run."""
    project.job(
        {
            "once": {
                "task": "Step",
                "executor": executor,
                "at_most_once": True,
                "parameters": {"waits_for": str(project.flag)},
            },
            "after": {"task": "Step", "dependencies": ["once"]},
            "other": {"task": "Step", "parameters": {"waits_for": str(project.flag)}},
        }
    )
    started = project.start()
    for name in ("once", "other"):
        project.wait_for_mark(name)
    started.kill()
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 1
    assert done.states == {"once": "FAILED", "after": "DEFAULTED", "other": "COMPLETED"}
    assert [project.count(name) for name in ("once", "other", "after")] == [1, 2, 0]


def test_a_retry_is_not_lost_with_at_most_once(project: Project) -> None:
    """`at_most_once` is about crashes of the run; a failure that was reported may be tried again."""
    project.job({"a": {"task": "Fails", "at_most_once": True, "max_attempts": 2, "parameters": {"times": 1}}})

    assert project.run().status == 0
    assert project.count("a") == 2


def test_completion_is_on_disk_before_a_dependent_starts(project: Project) -> None:
    """A dependent that kills the runner in its first line finds its dependency kept."""
    project.task_module(
        """
@task
class KillsRunner(Traced):
    flag: str

    def run(self) -> None:
        self.mark("start")
        if not os.path.exists(self.flag):
            open(self.flag, "w").close()
            pids = open(os.path.join(".flowrun", "locks", "job.lock")).read().split()
            os.kill(int(pids[0]), 9)
            time.sleep(600)
        self.mark("end")
"""
    )
    chain = {f"s{n}": {"task": "Step", "dependencies": [f"s{n - 1}"] if n else []} for n in range(3)}
    project.job(
        {**chain, "k": {"task": "KillsRunner", "dependencies": ["s2"], "parameters": {"flag": str(project.flag)}}}
    )

    first, second = project.run(), project.run("-r")

    assert (first.status, second.status) == (-9, 0)
    assert [project.count(name) for name in ("s0", "s1", "s2", "k")] == [1, 1, 1, 2]


def test_a_killed_run_is_continued_from_a_database(project: Project) -> None:
    """Another checkpointer is chosen by the job file alone; it needs nothing to be there. FM-39, FM-73, X-FM-22"""
    project.task_module(VALUES)
    reads = {"task": "Reads", "dependencies": ["w"], "parameters": {"waits_for": str(project.flag)}}
    section = {"checkpointer": "SQLiteCheckpointer"}
    project.job({"w": "Writes", "r": reads}, checkpointer=section)
    started = project.start()
    project.wait_for_mark("r", "read")
    started.kill()
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 0
    assert (project.count("w"), project.count("r", "on_restart")) == (1, 1)
    assert [mark.more["text"] for mark in project.marks("r", "read")] == [WHAT_WAS_WRITTEN] * 2
    assert not list((project.root / ".flowrun").rglob("*.journal"))
