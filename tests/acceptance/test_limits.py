"""How many tasks run at the same time, and which come first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project import Project


def most_at_once(project: Project, *labels: str) -> int:
    """The largest number of these tasks that were between start and end at the same moment."""
    marks = [mark for mark in project.marks() if mark.what in ("start", "end") and (not labels or mark.label in labels)]
    running = most = 0
    for mark in sorted(marks, key=lambda mark: mark.at):
        running += 1 if mark.what == "start" else -1
        most = max(most, running)
    return most


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_never_more_than_max_concurrency(project: Project, executor: str) -> None:
    """Nine tasks, three at a time: three are really reached, four never. FM-09, FM-27, FM-70"""
    tasks = {f"t{n}": {"task": "AsyncStep", "executor": executor, "parameters": {"seconds": 0.15}} for n in range(9)}
    project.job(tasks, config={"max_concurrency": 3})

    assert project.run().status == 0
    assert most_at_once(project) == 3


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_what_runs_at_once_is_told_as_it_is(project: Project, executor: str) -> None:
    """In the news, too, a task ends before the one that takes its slot starts."""
    project.job({name: {"task": "Step", "executor": executor} for name in "abcdef"}, config={"max_concurrency": 1})

    done = project.run()

    assert done.status == 0
    records = [json.loads(line) for line in done.out.splitlines()]
    moves = [record["body"] for record in records if record["event"] == "ExecutionStateTransition"]
    running = [0]
    for move in moves:
        running.append(running[-1] + (move["to_state"] == "R") - (move["from_state"] == "R"))
    assert max(running) == 1


def test_the_command_line_stands_above_the_file(project: Project) -> None:
    """`--max-concurrency 1` in a job that says 4; 0 is no limit. FM-09"""
    project.job(
        {f"t{n}": {"task": "Step", "parameters": {"seconds": 0.05}} for n in range(4)}, config={"max_concurrency": 4}
    )

    assert project.run("--max-concurrency", "1").status == 0
    assert most_at_once(project) == 1


@pytest.mark.parametrize("limit", [0, -1])
def test_zero_is_no_limit(project: Project, limit: int) -> None:
    """All tasks that are ready run: each of these ends only when all have begun. FM-09

    PW-54: each has a process, and so an interpreter, of its own.
    """
    project.task_module(
        """
@task
class Meets(Traced):
    def run(self) -> None:
        self.shared_dict[self.metadata.name] = True
        while len(self.shared_dict) < 12:
            time.sleep(0.01)
"""
    )
    project.job({f"t{n}": "Meets" for n in range(12)}, config={"max_concurrency": limit})

    assert project.run().status == 0
    assert len({mark.pid for mark in project.marks()}) == 12


def test_a_pool_limits_its_own_tasks_only(project: Project) -> None:
    """Two at a time in the pool, the others are free; a pool is a number or a mapping."""
    step = {"task": "Step", "parameters": {"seconds": 0.1}}
    inside = {f"in{n}": {**step, "pool": "few"} for n in range(6)}
    outside = {f"out{n}": step for n in range(4)}
    project.job({**inside, **outside}, pools={"few": {"slots": 2}, "other": 1})

    assert project.run().status == 0
    assert most_at_once(project, *inside) == 2
    assert most_at_once(project) > 2


@pytest.mark.parametrize(
    "sections",
    [
        {"pools": {"few": 0}},
        {"pools": {"few": {"slots": "many"}}},
        {"executors": {"two": {"executor": "thread", "parameters": {"slots": 0}}}},
        {"config": {"max_concurrency": "many"}},
    ],
)
def test_a_size_that_is_none_is_refused(project: Project, sections: dict[str, Any]) -> None:
    """PW-14: the sizes of pools are settings of the job, and checked before anything starts."""
    project.job({"a": {"task": "Step"}}, **sections)

    done = project.run()

    assert done.status == 3, done
    assert "job.yaml" in done.err
    assert project.marks() == []


def test_a_thread_pool_has_so_many_threads(project: Project) -> None:
    """`slots` of a named thread executor."""
    steps = {f"t{n}": {"task": "Step", "executor": "two", "parameters": {"seconds": 0.1}} for n in range(6)}
    project.job(steps, executors={"two": {"executor": "thread", "parameters": {"slots": 2}}})

    assert project.run().status == 0
    assert most_at_once(project) == 2


def test_ready_tasks_start_by_priority_then_by_the_longer_path(project: Project) -> None:
    """With one slot the order of starts is the same in every run of which the times are not kept. FM-41"""
    project.job(
        {
            "plain": "Step",
            "head": "Step",
            "tail": {"task": "Step", "dependencies": ["head"]},
            "urgent": {"task": "Step", "priority": 5},
            "never": {"task": "Step", "priority": -1},
        },
        config={"max_concurrency": 1, "history": False},
    )
    orders = []
    for _ in range(2):
        before = len(project.marks(what="start"))
        project.run()
        orders.append([mark.label for mark in project.marks(what="start")][before:])

    assert orders == [["urgent", "head", "plain", "tail", "never"]] * 2


def test_a_slot_is_free_during_a_pause(project: Project) -> None:
    """While a failed task waits for its next try, another runs in its slot. FM-69"""
    project.job(
        {
            "fails": {
                "task": "FailsUntilFlag",
                "max_attempts": 50,
                "backoff": 0.1,
                "parameters": {"flag": str(project.flag)},
            },
            "opens": "Opens",
        },
        config={"max_concurrency": 1},
    )
    project.task_module(
        f"""
@task
class Opens(Traced):
    def run(self) -> None:
        open({str(project.flag)!r}, "w").close()
"""
    )

    assert project.run().status == 0
    assert project.count("fails", "end") == 1


def test_descriptors_that_are_scarce_limit_what_runs(project: Project) -> None:
    """Forty tasks with 64 descriptors: all of them run, fewer at a time."""
    import resource

    project.job({f"t{n}": {"task": "Step", "parameters": {"seconds": 0.1}} for n in range(40)})

    done = project.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))

    assert done.status == 0, done
    assert len(project.marks(what="end")) == 40


def test_a_storm_of_timeouts_does_not_raise_the_limit(project: Project) -> None:
    """Attempts that are cut short give back the slot they had, and no other. X-FM-28"""
    slow = {"task": "AsyncStep", "executor": "process", "parameters": {"seconds": 60}}
    project.job(
        {f"t{n}": {**slow, "timeout": 0.05, "max_attempts": 3} for n in range(8)},
        config={"max_concurrency": 2},
    )

    assert project.run().status == 1
    running: set[tuple[str, int]] = set()
    for mark in sorted(project.marks(), key=lambda mark: mark.at):
        running.add((mark.label, mark.attempt))
        assert len(running) <= 2
        if mark.what == "on_destroy":
            running.remove((mark.label, mark.attempt))
