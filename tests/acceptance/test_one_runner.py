"""Two runs of the same job exclude each other; what the second one does is for the job to say."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project, Started


def start_busy(project: Project, **config: object) -> Started:
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}}, config=config)
    started = project.start()
    project.wait_for_mark("a")
    return started


@pytest.mark.parametrize("arguments", [[], ["-r"]])
def test_a_second_run_is_refused(project: Project, arguments: list[str]) -> None:
    """With status 4 and the process that runs the job; the first goes on undisturbed."""
    first = start_busy(project)

    second = project.run(*arguments)

    assert second.status == 4
    assert str(first.pid) in second.err
    project.flag.touch()
    assert first.wait().status == 0
    assert project.count("a") == 1


def test_of_many_starts_as_many_run_as_succeed(project: Project) -> None:
    """Six starts at once: attempts never overlap, and only those that ran say that they did."""
    project.job({"a": {"task": "Step", "parameters": {"seconds": 0.05}}})
    started = [project.start() for _ in range(6)]

    statuses = [one.wait().status for one in started]

    assert set(statuses) <= {0, 4}
    assert project.count("a") == statuses.count(0) >= 1
    spans = [
        (mark.at, end.at) for mark, end in zip(project.marks("a", "start"), project.marks("a", "end"), strict=True)
    ]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_skip_is_no_failure(project: Project) -> None:
    """`on_overlap: skip`: the second run ends with 0 and has run nothing."""
    first = start_busy(project, on_overlap="skip")

    second = project.run()

    assert second.status == 0
    assert "already running" in second.err
    project.flag.touch()
    assert first.wait().status == 0
    assert project.count("a") == 1


def test_wait_runs_after_the_first(project: Project) -> None:
    """`on_overlap: wait`: the second run begins when the first has ended."""
    first = start_busy(project, on_overlap="wait")
    second = project.start()
    project.flag.touch()

    assert (first.wait().status, second.wait().status) == (0, 0)
    ends, starts = project.marks("a", "end"), project.marks("a", "start")
    assert len(starts) == 2
    assert starts[1].at >= ends[0].at


def test_a_run_that_waits_can_be_stopped(project: Project) -> None:
    """A signal ends the waiting; the first run does not notice."""
    first = start_busy(project, on_overlap="wait")
    second = project.start()
    lock = (project.root / ".flowrun" / "locks" / "job.lock").stat().st_ino
    while not any(_has_open(second.pid, lock)):
        assert not second.is_over
    second.signal(2)

    assert second.wait(20).status == 130
    project.flag.touch()
    assert first.wait().status == 0


def _has_open(pid: int, inode: int) -> list[bool]:
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.stat(f"/proc/{pid}/fd/{name}").st_ino == inode)
        except OSError:
            continue
    return found


def test_allow_runs_both(project: Project) -> None:
    """`on_overlap: allow`, as on the command line: two runs at the same time."""
    first = start_busy(project)
    second = project.start("--on-overlap", "allow")
    third = project.start("--on-overlap", "allow")
    project.flag.touch()

    assert second.wait().status == 0
    assert third.wait().status == 0
    assert first.wait().status == 0
    assert project.count("a", "end") == 3


def test_jobs_with_other_names_run_beside_each_other(project: Project) -> None:
    """The lock is that of the name. FM-26"""
    waits = {"task": "Step", "parameters": {"waits_for": str(project.flag)}}
    project.job({"a": waits}, config={"name": "one"}, file="one.yaml")
    project.job({"b": waits}, config={"name": "two"}, file="two.yaml")
    started = [project.start(job=f"{name}.yaml") for name in ("one", "two")]
    for name in ("a", "b"):
        project.wait_for_mark(name)
    project.flag.touch()

    assert [one.wait().status for one in started] == [0, 0]


@pytest.mark.parametrize("name", ["../../outside", "with/slash", "..", "a b\u2603", "x" * 300, "-r"])
def test_any_name_is_a_safe_file_name(project: Project, name: str) -> None:
    """The state of a job stays in its directory, whatever the job is called. X-FM-21"""
    fails = {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}}
    project.job({"a": "Step", "f": fails}, config={"name": name})
    before = {path.name for path in project.root.parent.iterdir()}

    first = project.run()
    project.flag.touch()
    second = project.run("-r")

    assert (first.status, second.status) == (1, 0)
    assert project.count("a") == 1
    assert {path.name for path in project.root.parent.iterdir()} == before
    assert {path.name for path in project.root.iterdir()} <= {".flowrun", "job.yaml", "logs", "tasks"}


def test_a_dead_holder_leaves_the_lock_free(project: Project) -> None:
    """After a kill the next run starts, with no lock to clear by hand."""
    first = start_busy(project)
    first.kill()
    project.flag.touch()

    assert project.run().status == 0


def test_tasks_do_not_hold_the_lock(project: Project) -> None:
    """A helper that escapes everything must not lock the job for ever: the descriptor is not inherited."""
    project.task_module(
        """
@task
class Looks(Traced):
    def run(self) -> None:
        links = []
        for name in os.listdir("/proc/self/fd"):
            try:
                links.append(os.readlink(f"/proc/self/fd/{name}"))
            except OSError:
                pass
        self.mark("open", links=links)
"""
    )
    project.job({"a": "Looks"})

    assert project.run().status == 0
    links = project.marks("a", "open")[0].more["links"]
    assert not [link for link in links if ".lock" in link or ".journal" in link]


def test_many_jobs_can_begin_in_a_new_project_at_once(project: Project) -> None:
    """The first runs of different jobs make the state directory together, and do not get in each other's way. FM-26"""
    for number in range(8):
        project.job({"a": "Step"}, config={"name": f"job{number}"}, file=f"job{number}.yaml")
    started = [project.start(job=f"job{number}.yaml") for number in range(8)]

    done = [one.wait() for one in started]

    assert [one.status for one in done] == [0] * 8, "\n".join(map(str, done))
