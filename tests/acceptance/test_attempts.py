"""Tries, pauses, time limits: what a failed attempt leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

EXECUTORS = pytest.mark.parametrize("executor", ["process", "thread", "async"])

RAISES = """
class Gone(ConnectionError):
    pass

@task
class Raises(Traced):
    kind: str

    def run(self) -> None:
        self.mark("start")
        if self.kind == "exit":
            sys.exit(3)
        if self.kind == "kill":
            os.kill(os.getpid(), 9)
        raise {"ValueError": ValueError, "Gone": Gone}[self.kind]("planned")
"""

PERMANENT = """
from flowrun.errors import PermanentError

class Refusal(PermanentError):
    pass

@task
class Refused(Traced):
    def run(self) -> None:
        self.mark("start")
        raise Refusal("no such account") from KeyError("bob")
"""

SLOW = """
@task
class Slow(Traced):
    first: float = 600
    # seconds of the first attempt

    async def run(self) -> None:
        self.mark("start")
        await asyncio.sleep(self.first if self.metadata.attempt == 1 else 0)
        self.mark("end")
"""


@EXECUTORS
def test_a_task_that_always_fails_is_tried_so_often(project: Project, executor: str) -> None:
    """`max_attempts: 3` is three runs in all; the report says how many there were. FM-34, FM-69"""
    project.job({"a": {"task": "Fails", "executor": executor, "max_attempts": 3}})

    done = project.run()

    assert done.status == 1
    assert project.count("a") == 3
    assert done.moves("a") == "_PRPRPRF"
    assert done.task("a")["attempts"] == 3


@EXECUTORS
def test_a_task_may_say_that_another_try_is_pointless(project: Project, executor: str) -> None:
    """After a PermanentError there is no further attempt, also if `retry_on` names it; the ending says so. FM-34"""
    project.task_module(PERMANENT)
    project.job({"a": {"task": "Refused", "executor": executor, "max_attempts": 3, "retry_on": ["Refusal"]}})

    done = project.run()

    assert done.status == 1
    assert project.count("a") == 1
    assert done.moves("a") == "_PRF"
    assert "attempt 1 of 3   raised   another try is pointless" in done.err
    assert "Refusal: no such account" in done.err
    assert "another try was pointless" in project.command("explain", "@last", "a").wait().out


@pytest.mark.parametrize("attempts", [0, -1])
def test_less_than_one_attempt_is_refused(project: Project, attempts: int) -> None:
    """A task that is never run is not a task that completed. X-FM-10"""
    project.job({"a": {"task": "Step", "max_attempts": attempts}})

    assert project.run().status == 3
    assert project.marks() == []


def test_the_pause_between_attempts_grows(project: Project) -> None:
    """Each pause is at least as long as the job file says, fractions of a second too. FM-35, FM-69"""
    backoff = {"first": 0.1, "factor": 2, "cap": "150ms"}
    project.job({"a": {"task": "Fails", "max_attempts": 4, "backoff": backoff, "parameters": {"times": 3}}})

    assert project.run().status == 0
    ends = [mark.at for mark in project.marks("a", "on_destroy")]
    starts = [mark.at for mark in project.marks("a", "on_create")]
    pauses = [start - end for start, end in zip(starts[1:], ends, strict=False)]
    assert [pause >= least for pause, least in zip(pauses, (0.1, 0.15, 0.15), strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("kind", "retry_on", "runs"),
    [
        ("ValueError", ["ValueError"], 2),
        ("ValueError", ["KeyError"], 1),
        ("Gone", ["ConnectionError"], 2),
        ("Gone", ["OSError", "KeyError"], 2),
        ("exit", ["ValueError"], 1),
        ("exit", ["SystemExit"], 2),
        ("kill", ["ValueError"], 1),
        ("kill", ["Killed"], 2),
        ("kill", [], 2),
    ],
)
def test_retry_on_says_what_is_worth_another_try(project: Project, kind: str, retry_on: list[str], runs: int) -> None:
    """Names of exceptions or of their bases; without any, whatever went wrong."""
    project.task_module(RAISES)
    project.job({"a": {"task": "Raises", "max_attempts": 2, "retry_on": retry_on, "parameters": {"kind": kind}}})

    assert project.run().status == 1
    assert project.count("a") == runs


@EXECUTORS
def test_an_attempt_that_takes_too_long_has_failed(project: Project, executor: str) -> None:
    """It is aborted, with on_abort, and counts as timed out; dependents are held back. X-FM-29"""
    project.task_module(SLOW)
    project.job(
        {
            "a": {"task": "Slow", "executor": executor, "timeout": "300ms"},
            "b": {"task": "Step", "dependencies": ["a"]},
            "c": "Step",
        }
    )

    done = project.run()

    assert done.status == 1
    assert done.states == {"a": "FAILED", "b": "DEFAULTED", "c": "COMPLETED"}
    assert (done.reason("a"), done.message("a")) == ("timed out", "took longer than 0.3 s")
    assert project.hooks("a") == ["on_create", "start", "on_abort", "on_destroy"]


@EXECUTORS
def test_an_attempt_that_took_too_long_is_tried_again(project: Project, executor: str) -> None:
    """A time limit is a failure like others, called TimeoutError in `retry_on`."""
    project.task_module(SLOW)
    task = {"task": "Slow", "executor": executor, "timeout": 0.5, "max_attempts": 2, "retry_on": ["TimeoutError"]}
    project.job({"a": task})

    done = project.run()

    assert done.status == 0
    assert done.moves("a") == "_PRPRC"


def test_a_task_that_ignores_its_time_limit_is_killed_with_its_programs(project: Project) -> None:
    """After the grace time the whole group is gone. X-FM-29"""
    helper = {"task": "Busy", "timeout": 0.5, "parameters": {"stubborn": True, "helper": "own session"}}
    project.job({"a": helper, "b": "Step"}, config={"grace_seconds": 0.2})

    done = project.run()

    assert done.states == {"a": "FAILED", "b": "COMPLETED"}
    assert done.reason("a") == "timed out"
    assert project.all_gone()


def test_a_task_that_ends_in_time_is_not_touched(project: Project) -> None:
    """The limit is for each attempt, pauses do not count."""
    project.job(
        {"a": {"task": "Fails", "timeout": "20s", "max_attempts": 2, "backoff": 0.1, "parameters": {"times": 1}}}
    )

    assert project.run().status == 0
    assert project.count("a", "on_abort") == 0


@EXECUTORS
def test_a_job_that_takes_too_long_is_stopped(project: Project, executor: str) -> None:
    """`config.deadline`: what runs is aborted, status 124, and `-r` continues. X-FM-29"""
    project.task_module(SLOW)
    tasks = {
        "done": "Step",
        "slow": {"task": "Slow", "executor": executor, "dependencies": ["done"]},
        "later": {"task": "Step", "dependencies": ["slow"]},
    }
    project.job(tasks, config={"deadline": "1s"})
    first = project.run()
    tasks["slow"] = "Step"
    project.job(tasks, config={"deadline": "1m"})

    second = project.run("-r")

    assert (first.status, second.status) == (124, 0)
    assert first.states == {"done": "COMPLETED", "slow": "ABORTED", "later": "ABORTED"}
    assert project.hooks("slow")[:4] == ["on_create", "start", "on_abort", "on_destroy"]
    assert project.count("done") == 1


def test_the_deadline_of_the_command_line_stands_above_that_of_the_file(project: Project) -> None:
    """`--deadline` is a duration too."""
    project.job({"a": "Busy"}, config={"deadline": "1h"})

    assert project.run("--deadline", "500ms").status == 124


@pytest.mark.parametrize("arguments", [[], ["--fail-fast"]])
def test_fail_fast_stops_the_job_at_the_first_failure(project: Project, arguments: list[str]) -> None:
    """What runs is aborted, what waits never starts; the status is that of a failure."""
    project.job(
        {
            "busy": "Busy",
            "bad": {"task": "FailsUntilBusy", "parameters": {"marks": project.environment["MARKS"]}},
            "later": {"task": "Step", "dependencies": ["busy"]},
        },
        config={} if arguments else {"fail_fast": True},
    )
    project.task_module(
        """
@task
class FailsUntilBusy(Traced):
    marks: str

    def run(self) -> None:
        while '"ready"' not in open(self.marks).read():
            time.sleep(0.01)
        raise ValueError("planned")
"""
    )

    done = project.run(*arguments)

    assert done.status == 1
    assert done.states == {"busy": "ABORTED", "bad": "FAILED", "later": "ABORTED"}
    assert project.hooks("busy") == ["on_create", "start", "ready", "on_abort", "on_destroy"]


def test_an_executor_that_is_cancelled_inside_fails_its_attempt(project: Project) -> None:
    """Whatever a user's executor raises, the attempt comes to an end."""
    project.file(
        "extensions/cancelling.py",
        """
import asyncio
from flowrun.executors.executor import Executor, executor

@executor
class Cancelling(Executor):
    async def run(self, attempt, emit):
        raise asyncio.CancelledError
""",
    )
    project.job(
        {"a": {"task": "Step", "executor": "own"}, "b": "Step"},
        executors={"own": {"executor": "Cancelling"}},
    )

    done = project.run()

    assert done.states == {"a": "FAILED", "b": "COMPLETED"}
    assert done.reason("a") == "not started"


def test_an_attempt_that_is_aborted_as_it_begins_hears_of_it(project: Project) -> None:
    """However early: none has to wait for the end of its grace time to be killed."""
    tasks = {f"t{number}": {"task": "Busy", "timeout": 0.0005} for number in range(30)}
    project.job(tasks, config={"grace_seconds": 30, "max_concurrency": 30})

    done = project.run()

    assert set(done.states.values()) == {"FAILED"}
    assert {done.reason(name) for name in tasks} == {"timed out"}
    assert [project.hooks(name)[-2:] for name in tasks] == [["on_abort", "on_destroy"]] * 30
