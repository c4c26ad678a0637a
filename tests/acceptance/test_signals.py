"""INT, TERM and HUP end a job in order: on_abort once for each running task, nothing new, nobody left, state kept."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.project import eventually

if TYPE_CHECKING:
    from tests.project import Finished, Project, Started

SIGNALS = {"INT": 130, "TERM": 143, "HUP": 129}
EXECUTORS = pytest.mark.parametrize("executor", ["process", "thread", "async"])

ASYNC_BUSY = """
@task
class AsyncBusy(Traced):
    async def run(self) -> None:
        self.mark("start")
        self.mark("ready")
        await asyncio.sleep(600)
        self.mark("end")
"""


def start_busy(project: Project, executor: str = "process", **options: object) -> Started:
    """Start a job with a task that has ended, two that are busy, and one that waits for them."""
    variant = "AsyncBusy" if executor == "async" else "Busy"
    project.task_module(ASYNC_BUSY)
    project.job(
        {
            "done": "Step",
            "busy": {"task": variant, "executor": executor, "dependencies": ["done"], **options},
            "busy2": {"task": variant, "executor": executor, "dependencies": ["done"]},
            "later": {"task": "Step", "dependencies": ["busy"]},
        }
    )
    started = project.start()
    for name in ("busy", "busy2"):
        project.wait_for_mark(name, "ready")
    return started


def assert_stopped(project: Project, done: Finished, status: int) -> None:
    assert done.status == status
    assert "Traceback" not in done.text
    assert project.all_gone()
    assert done.states == {"done": "COMPLETED", "busy": "ABORTED", "busy2": "ABORTED", "later": "ABORTED"}
    assert project.count("busy", "end") == project.count("later") == 0


@EXECUTORS
@pytest.mark.parametrize("name", SIGNALS)
def test_one_signal_stops_the_job(project: Project, name: str, executor: str) -> None:
    """on_abort once for each running task, then on_destroy; never on_success. FM-22, FM-23, FM-63, X-FM-06"""
    started = start_busy(project, executor)
    started.signal(signal.Signals[f"SIG{name}"])

    assert_stopped(project, started.wait(), SIGNALS[name])
    for task in ("busy", "busy2"):
        assert project.hooks(task) == ["on_create", "start", "ready", "on_abort", "on_destroy"]
    assert project.count("done", "on_abort") == 0
    assert project.hooks("later") == []


def test_a_signal_to_the_whole_group_aborts_once(project: Project) -> None:
    """As a terminal sends it: attempts are not in the group of the runner, so they are told by it alone. FM-22"""
    started = start_busy(project)
    started.signal_group(signal.SIGINT)

    assert_stopped(project, started.wait(), 130)
    assert project.count("busy", "on_abort") == project.count("busy2", "on_abort") == 1


def test_a_signal_to_a_task_and_the_runner_aborts_once(project: Project) -> None:
    """Each process of the job gets the signal, as when systemd stops a service: on_abort has its grace time."""
    started = start_busy(project)
    for pid in project.alive():
        with contextlib.suppress(ProcessLookupError):  # one that was told before has ended it
            os.kill(pid, signal.SIGTERM)

    done = started.wait()

    assert done.status == 143
    assert project.all_gone()
    for task in ("busy", "busy2"):
        assert done.states[task] == "ABORTED"
        assert project.hooks(task) == ["on_create", "start", "ready", "on_abort", "on_destroy"]


def test_the_second_signal_kills(project: Project) -> None:
    """A task that goes on whatever happens is killed at once when the signal is repeated. X-FM-06"""
    started = start_busy(project, parameters={"stubborn": True})
    started.signal(signal.SIGINT)
    project.wait_for_mark("busy2", "on_abort")
    started.signal(signal.SIGINT)

    assert_stopped(project, started.wait(6), 130)
    assert project.hooks("busy") == ["on_create", "start", "ready"]


@EXECUTORS
def test_after_the_grace_time_a_stubborn_task_is_killed(project: Project, executor: str) -> None:
    """Or left behind, where it cannot be killed, and named; the runner ends all the same. FM-63"""
    project.task_module(
        """
@task
class Deaf(Traced):
    def run(self) -> None:
        self.mark("ready")
        while True:
            try:
                time.sleep(0.02)
            except BaseException:
                pass
"""
    )
    project.job({"deaf": {"task": "Deaf", "executor": executor}}, config={"grace_seconds": 0.3})
    started = project.start()
    project.wait_for_mark("deaf", "ready")
    started.signal(signal.SIGTERM)

    done = started.wait(20)

    assert done.status == 143
    assert done.states == {"deaf": "ABORTED"}
    assert project.all_gone()
    assert (executor == "process") == (done.report["notices"] == [])


@pytest.mark.parametrize("helper", ["child", "own session"])
def test_programs_that_a_task_has_started_end_with_it(project: Project, helper: str) -> None:
    """Also those that left its group and its session. FM-23, X-FM-07"""
    started = start_busy(project, parameters={"helper": helper})
    started.signal(signal.SIGTERM)

    assert_stopped(project, started.wait(), 143)


def test_what_completed_before_a_signal_is_kept(project: Project) -> None:
    """`-r` runs the aborted task again, as new, and the rest. FM-74"""
    job = {
        "done": "Step",
        "busy": {"task": "Step", "dependencies": ["done"], "parameters": {"waits_for": str(project.flag)}},
        "later": {"task": "Step", "dependencies": ["busy"]},
    }
    project.job(job)
    started = project.start()
    project.wait_for_mark("busy")
    started.signal(signal.SIGINT)
    first = started.wait()
    project.flag.touch()

    second = project.run("-r")

    assert (first.status, second.status) == (130, 0)
    assert [project.count(name) for name in job] == [1, 2, 1]
    assert project.count("busy", "on_restart") == 0


def hears_signals(started: Started) -> bool:
    """It is past the start of Python itself, which catches INT alone, and answers it with a traceback."""
    if started.is_over:
        return True
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{started.pid}/status").read_text())
    return caught is not None and bool(int(caught[1], 16) & 1 << (signal.SIGTERM - 1))


@pytest.mark.parametrize("milliseconds", [0, 20, 60, 120, 180, 240])
@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_during_start_up_ends_quietly(project: Project, name: str, milliseconds: int) -> None:
    """Whenever it comes from our first lines on, there is no traceback and nothing stays behind."""
    project.job({"busy": "Busy"})
    started = project.start("--output", "quiet")
    eventually(lambda: hears_signals(started))
    time.sleep(milliseconds / 1000)  # the moment is what is tried: any will do
    started.signal(signal.Signals[f"SIG{name}"])

    done = started.wait(30)

    assert done.status == SIGNALS[name]
    assert "Traceback" not in done.text
    assert project.all_gone()


def test_a_flood_of_signals_leaves_a_state_to_continue(project: Project) -> None:
    """Forty signals in a moment: the run ends, and `-r` finishes it."""
    started = start_busy(project)
    for number in range(40):
        started.signal([signal.SIGINT, signal.SIGTERM, signal.SIGHUP][number % 3])
    first = started.wait(30)
    project.job({"done": "Step", "busy": "Step", "busy2": "Step", "later": "Step"})

    second = project.run("-r")

    assert first.status in SIGNALS.values()
    assert project.all_gone()
    assert (second.status, project.count("done")) == (0, 1)


def test_a_runner_under_nohup_goes_on(project: Project) -> None:
    """An ignored HUP stays ignored, for the tasks too."""
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    started = project.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    project.wait_for_mark("a")
    started.signal(signal.SIGHUP)
    project.flag.touch()

    assert started.wait().status == 0
    assert project.count("a", "end") == 1


def test_a_signal_to_one_task_process_aborts_that_task(project: Project) -> None:
    """Somebody else's TERM is no success: on_abort is called, what depends on it is held back."""
    started = start_busy(project)
    os.kill(project.marks("busy", "ready")[0].pid, signal.SIGTERM)
    project.wait_for_mark("busy", "on_destroy")
    eventually(lambda: '"busy2"' in started.so_far())
    started.signal(signal.SIGTERM)

    done = started.wait()

    assert project.hooks("busy") == ["on_create", "start", "ready", "on_abort", "on_destroy"]
    assert done.states["busy"] in ("ABORTED", "FAILED")
    assert project.count("later") == 0


def test_the_runner_survives_the_death_of_its_parent(project: Project) -> None:
    """cron, ssh and CI may go away: the job goes on."""
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}, "b": "Step"})
    parent = subprocess.Popen(
        ["sh", "-c", f"{sys.executable} -m flowrun run -q -j job.yaml & wait"],
        cwd=project.root,
        env={**os.environ, **project.environment},
    )
    project.wait_for_mark("a")
    parent.kill()
    parent.wait()
    project.flag.touch()

    project.wait_for_mark("a", "end")
    assert project.all_gone()
    assert not list((project.root / ".flowrun").rglob("*.journal"))


def test_a_stopped_runner_goes_on(project: Project) -> None:
    """STOP and CONT, as when a machine sleeps, change nothing."""
    project.job({"a": {"task": "Step", "parameters": {"seconds": 0.3}}, "b": {"task": "Step", "dependencies": ["a"]}})
    started = project.start()
    project.wait_for_mark("a")
    started.signal(signal.SIGSTOP)
    project.wait_for_mark("a", "on_destroy")
    started.signal(signal.SIGCONT)

    assert started.wait().status == 0
    assert project.count("b", "end") == 1


def test_components_hear_of_the_stop(project: Project) -> None:
    """Loggers and extensions get on_abort, then on_destroy. FM-65"""
    project.file(
        "extensions/probe.py",
        """
from flowrun.extensions.extension import Extension, extension
from tasks.stock import mark

@extension
class Probe(Extension):
    async def on_create(self) -> None:
        mark("probe", "on_create")

    async def update(self, e: object) -> None:
        pass

    async def on_failure(self) -> None:
        mark("probe", "on_failure")

    async def on_abort(self) -> None:
        mark("probe", "on_abort")

    async def on_destroy(self) -> None:
        mark("probe", "on_destroy")
""",
    )
    project.job({"busy": "Busy"}, extensions={"probe": {"extension": "Probe"}})
    started = project.start()
    project.wait_for_mark("busy", "ready")
    started.signal(signal.SIGTERM)
    started.wait()

    assert project.hooks("probe") == ["on_create", "on_abort", "on_destroy"]


ENDING = """
import signal
import threading

def told_to_end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)

@task
class ToldInDestroy(Traced):
    def run(self) -> None:
        self.mark("start")

    def on_destroy(self) -> None:
        told_to_end()
        self.mark("on_destroy")

@task
class ToldWhileBlocking(Traced):
    async def run(self) -> None:
        await asyncio.sleep(0)
        told_to_end()

    async def on_abort(self) -> None:
        await asyncio.sleep(0.01)
        self.mark("on_abort")

@task
class ToldWhileThreadsShare(Traced):
    def run(self) -> None:
        def share() -> None:
            while True:
                self.shared_dict["a"] = 1
        for _ in range(2):
            threading.Thread(target=share, daemon=True).start()
        threading.Timer(0.1, told_to_end).start()
        time.sleep(600)

@task
class Stopped(Traced):
    def run(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_an_abort_after_on_success_comes_too_late(project: Project) -> None:
    """A task whose on_success was called is completed, whatever arrives during on_destroy."""
    project.task_module(ENDING)
    project.job({"a": "ToldInDestroy"})

    assert project.run().states == {"a": "COMPLETED"}
    assert project.hooks("a") == ["on_create", "start", "on_success", "on_destroy"]


def test_on_abort_is_not_cancelled_in_place_of_run(project: Project) -> None:
    """Code of an async task that blocks ends before its cancellation arrives; the next hook is not hit by it."""
    project.task_module(ENDING)
    project.job({"a": {"task": "ToldWhileBlocking", "executor": "process"}})

    done = project.run()

    assert done.states == {"a": "ABORTED"}
    assert project.hooks("a") == ["on_create", "on_abort", "on_destroy"]


def test_threads_of_a_task_do_not_catch_its_abort(project: Project) -> None:
    """It is the task that is interrupted, also while a thread of it talks to the runner."""
    project.task_module(ENDING)
    project.job({"a": "ToldWhileThreadsShare"})

    assert project.run().states == {"a": "ABORTED"}
    assert project.hooks("a") == ["on_create", "on_abort", "on_destroy"]


def test_a_task_that_is_stopped_hears_of_its_abort(project: Project) -> None:
    """SIGSTOP does not keep on_abort from being called."""
    project.task_module(ENDING)
    project.job({"a": {"task": "Stopped", "timeout": 0.2}}, config={"grace_seconds": 30})

    assert project.run().reason("a") == "timed out"
    assert project.hooks("a") == ["on_create", "on_abort", "on_destroy"]


def test_a_signal_before_the_first_task_lets_none_start(project: Project) -> None:
    """While loggers are made ready, nothing runs yet, and nothing is begun only to be aborted."""
    project.file(
        "loggers/slow.py",
        """
import os, time
from flowrun.loggers.logger import Logger, logger

@logger
class Slow(Logger):
    async def on_create(self):
        open(os.environ["MARKS"] + ".logger", "w").close()
        while not os.path.exists(os.environ["MARKS"] + ".go"):
            time.sleep(0.01)

    async def update(self, event):
        pass
""",
    )
    project.job({"a": "Step"}, loggers={"slow": {"logger": "Slow"}})
    marks = project.environment["MARKS"]
    started = project.start()
    eventually(lambda: os.path.exists(f"{marks}.logger") or started.is_over)
    started.signal(signal.SIGTERM)
    eventually(lambda: started.has_taken(signal.SIGTERM))
    open(f"{marks}.go", "w").close()

    done = started.wait()

    assert done.status == 143
    assert done.states == {"a": "ABORTED"}
    assert project.marks() == []


def test_a_runner_that_inherits_ignored_sigchld_works(project: Project) -> None:
    """Some that start programs ignore it, and then the kernel keeps no status of children."""
    project.job({"a": "Step"})
    source = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.executable, sys.argv)"

    done = project.python("-c", source, "-m", "flowrun", "run", "-j", "job.yaml", "--output", "json").wait()

    assert done.status == 0, done


def test_the_first_signal_during_a_stop_does_not_kill(project: Project) -> None:
    """A job that ends at its first failure leaves its tasks their grace time, also if it is then told to end once."""
    project.task_module(
        """
@task
class TakesLeave(Traced):
    def run(self) -> None:
        self.mark("start")
        time.sleep(600)

    def on_abort(self) -> None:
        self.mark("on_abort")
        while not os.path.exists(os.environ["MARKS"] + ".go"):
            time.sleep(0.01)
"""
    )
    flag = str(project.flag)
    project.job(
        {"fails": {"task": "FailsWhenTold", "parameters": {"flag": flag}}, "a": "TakesLeave"},
        config={"fail_fast": True, "grace_seconds": 60},
    )
    project.task_module(
        """
@task
class FailsWhenTold(Traced):
    flag: str

    def run(self) -> None:
        while not os.path.exists(self.flag):
            time.sleep(0.01)
        raise ValueError("planned")
""",
        "other",
    )
    started = project.start()
    project.wait_for_mark("a")
    project.flag.touch()
    project.wait_for_mark("a", "on_abort")
    started.signal(signal.SIGTERM)
    eventually(lambda: started.has_taken(signal.SIGTERM))
    open(project.environment["MARKS"] + ".go", "w").close()

    done = started.wait()

    assert done.states == {"fails": "FAILED", "a": "ABORTED"}
    assert project.hooks("a") == ["on_create", "start", "on_abort", "on_destroy"]
