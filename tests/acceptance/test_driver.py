"""Jobs that are run from Python: driver scripts, and `Flowrun` inside of other programs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project

DRIVER = """
import sys
from flowrun import Flowrun

sys.exit(Flowrun().start("job.yaml"))
"""


def drive(project: Project, source: str, *arguments: str, name: str = "driver.py", **options: Any) -> Finished:
    """Run a script of the project."""
    script = project.file(name, source)
    return project.python(str(script), *arguments, **options).wait()


def two_tasks(project: Project) -> None:
    project.job({"a": "Step", "b": {"task": "Step", "dependencies": ["a"]}})


def test_a_driver_script_runs_its_job(project: Project) -> None:
    """The default job is beside the script, wherever it is started. FM-01, FM-02, FM-13, FM-16"""
    two_tasks(project)

    done = drive(project, DRIVER, cwd=project.aside)

    assert done.status == 0, done
    assert project.count("b", "end") == 1
    assert (project.root / "logs").is_dir()


@pytest.mark.parametrize(
    "how",
    [
        ["driver.py"],
        ["-m", "driver"],
        ["-c", "import runpy; runpy.run_path('driver.py', run_name='__main__')"],
        ["-c", "import driver"],
    ],
)
def test_every_way_of_starting_finds_the_same_project(project: Project, how: list[str]) -> None:
    """As a file, as a module, through another program, imported. X-FM-15"""
    two_tasks(project)
    project.file("driver.py", "from flowrun import Flowrun\nassert Flowrun().start('job.yaml', argv=[]) == 0\n")

    assert project.python(*how).wait().status == 0
    assert project.count("b", "end") == 1
    assert (project.root / "logs").is_dir()


def test_the_command_line_of_a_script_is_read(project: Project) -> None:
    """`-j`, relative to where the script was started, `--skip`, `--var`, `-d`. FM-02, FM-05, FM-06, FM-10"""
    two_tasks(project)
    project.task_module(
        """
@task
class Shows(Traced):
    text: str

    def run(self) -> None:
        self.mark("shows", text=self.text)
"""
    )
    other = {"a": {"task": "Shows", "parameters": {"text": "$VAR{x}"}}, "b": "Step"}
    project.job(other, file="sub/other.yaml", config={"name": "other"})

    done = drive(project, DRIVER, "-j", "other.yaml", "--var", "x=a=b", "--skip", "b", "-d", cwd=project.root / "sub")

    assert done.status == 0, done
    assert project.marks("a", "shows")[0].more == {"text": "a=b"}
    assert project.count("b") == 0
    assert done.out.count("('a', RUNNING, COMPLETED)") == 1
    assert "('b', PENDING, SKIP)" in done.out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [(["--nothing"], 2, "usage"), (["-h"], 0, "--jobdef"), (["--var", "x"], 99, "KEY=VALUE")],
)
def test_wrong_arguments_of_a_script(project: Project, arguments: list[str], status: int, said: str) -> None:
    """A usage message, and nothing runs. FM-10, FM-11"""
    two_tasks(project)

    done = drive(project, DRIVER, *arguments)

    assert done.status == status
    assert said in done.text
    assert project.marks() == []


def test_start_returns_the_number_of_tasks_that_did_not_complete(project: Project) -> None:
    """Failed ones and those held back. FM-17"""
    project.job(
        {
            "bad": "Fails",
            "b": {"task": "Step", "dependencies": ["bad"]},
            "c": {"task": "Step", "dependencies": ["b"]},
            "free": "Step",
        }
    )

    assert drive(project, DRIVER).status == 3


def test_a_restart_from_a_script_takes_up_the_variables(project: Project) -> None:
    """Those that are not set again, as `-r` does, and it says which. FM-04"""
    project.job({"a": "Step", "b": {"task": "FailsUntilFlag", "parameters": {"flag": "$VAR{flag:none}"}}})
    start = "from flowrun import Flowrun\njob = Flowrun()\n{}\nassert job.start('job.yaml', restart={}) == {}\n"
    given = f"job.set_jobdef_var('flag', {str(project.flag)!r}); job.set_jobdef_var('api_token', 'hush')"
    first = drive(project, start.format(given, False, 1))
    project.flag.touch()
    again = drive(project, start.format("", True, 0))

    assert (first.status, again.status) == (0, 0), f"{first}{again}"
    assert re.search(rf"^variables of run \w+: flag={project.flag}$", again.err, re.MULTILINE)
    assert "give them again: api_token\n" in again.err
    assert "hush" not in again.err


def test_a_restart_from_a_script(project: Project) -> None:
    """`-r`, and `restart=True`. FM-04"""
    project.job({"a": "Step", "b": {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}}})
    first = drive(project, DRIVER)
    second = drive(project, DRIVER, "-r")
    project.flag.touch()
    third = drive(project, "from flowrun import Flowrun\nassert Flowrun().start('job.yaml', restart=True) == 0\n")

    assert (first.status, second.status, third.status) == (1, 1, 0)
    assert (project.count("a"), project.count("b", "on_restart")) == (1, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tasks: {a: {task: Nothing}}", "Nothing"),
        ("tasks: {a: {task: Step, dependencies: [zzz]}}", "zzz"),
        ("tasks: {}", "task"),
        ("tasks: {a: {task: Step, parameters: {seconds: x, more: 1}}}", "seconds"),
    ],
)
def test_what_cannot_be_started_gives_99_or_raises(project: Project, text: str, problem: str) -> None:
    """With the reason on stderr, or in an exception with a name of its own. FM-12, FM-19, FM-20, FM-21, FM-95"""
    project.job(text)
    raising = """
from flowrun import Flowrun
from flowrun.errors import DefinitionError
try:
    Flowrun().start("job.yaml", raise_exception_on_failure=True)
except DefinitionError as error:
    print(type(error).__name__, error)
"""

    plain, raised = drive(project, DRIVER), drive(project, raising)

    assert plain.status == 99
    assert problem in plain.err
    assert "Traceback" not in plain.err
    assert problem in raised.out
    assert project.marks() == []


def test_failed_tasks_are_raised_on_request(project: Project) -> None:
    """With the names of those that did not complete. FM-21, X-FM-13"""
    project.job({"bad": "Fails", "b": {"task": "Step", "dependencies": ["bad"]}})
    done = drive(
        project,
        """
from flowrun import Flowrun
from flowrun.errors import JobFailedError
try:
    Flowrun().start("job.yaml", raise_exception_on_failure=True)
except JobFailedError as error:
    print(error.names, error)
""",
    )

    assert "('bad', 'b')" in done.out
    assert "ValueError: planned failure 1" in done.out


def test_many_jobs_in_one_process(project: Project) -> None:
    """One object, several objects, with failures in between; nothing is left of a run. FM-88, X-FM-18"""
    two_tasks(project)
    project.job({"f": "Fails"}, file="fails.yaml", config={"name": "fails"})

    done = drive(
        project,
        """
import json, os, signal, sys, threading
import yaml
from flowrun import Flowrun

def state():
    handlers = [str(signal.getsignal(number)) for number in (1, 2, 15)]
    return [len(os.listdir("/proc/self/fd")), handlers, os.getcwd(), repr(sys.stdout), yaml.safe_load("a: $VAR{x}")]

one = Flowrun()
codes = [one.start("job.yaml", argv=[])]
before = state()
codes += [one.start("job.yaml", argv=[]) for _ in range(3)]
codes += [Flowrun().start(path, argv=[]) for path in ("fails.yaml", "job.yaml", "fails.yaml", "nothing.yaml")]
print(json.dumps({"codes": codes, "before": before, "after": state()}))
""",
    )

    seen = json.loads(done.out.splitlines()[-1])
    assert seen["codes"] == [0, 0, 0, 0, 1, 0, 1, 99]
    assert seen["before"] == seen["after"]
    assert project.count("b", "end") == 5
    assert project.all_gone()


def test_two_jobs_side_by_side_in_threads_of_one_process(project: Project) -> None:
    """A program may run jobs from threads; signals are then its own business."""
    for name in ("one", "two"):
        project.job({name: {"task": "Step", "executor": "thread"}}, file=f"{name}.yaml", config={"name": name})

    done = drive(
        project,
        """
import threading
from flowrun import Flowrun
codes = {}
def run(name):
    codes[name] = Flowrun().start(f"{name}.yaml", argv=[])
threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(codes.items()))
""",
    )

    assert done.out.splitlines()[-1] == "[('one', 0), ('two', 0)]", done


def test_a_job_that_is_built_in_python(project: Project) -> None:
    """Tasks are added with classes or names; no file is needed; the report tells how each ended. FM-88, FM-89"""
    done = drive(
        project,
        """
from flowrun import Flowrun
from flowrun.task import Task

class Own(Task):
    size: int

    def run(self) -> int:
        return self.size

app = Flowrun(test=True)
app.add_executor("a", Own, parameters={"size": "5"})
app.add_executor("b", "Fails", deps=["a"], max_attempts=2, parameters={"times": 1})
print(app.start())
print({name: (task.state.name, task.attempts) for name, task in app.report.tasks.items()})
print(app.get_job_definition().tasks["b"].max_attempts)
""",
    )

    assert done.out.splitlines() == ["0", "{'a': ('COMPLETED', 1), 'b': ('COMPLETED', 2)}", "2"], done
    assert not (project.root / "logs").exists()


def test_mapping_file_and_definition_are_the_same_job(project: Project) -> None:
    """What is exported runs like what was read; variables come from the interface too. FM-90, FM-91, FM-92"""
    project.job(
        {
            "a": {"task": "Step", "parameters": {"seconds": "$VAR{s:5}"}},
            "b": {"task": "Step", "dependencies": ["a"]},
        }
    )

    done = drive(
        project,
        """
import yaml
from flowrun import Flowrun

def app(job):
    made = Flowrun(test=True).load_job_definition(job)
    made.set_jobdef_var("s", "0.01")
    return made

path = app("job.yaml")
definition = path.get_job_definition()
apps = [path, app(definition), app(yaml.safe_load(open("job.yaml")))]
print([one.get_job_definition() == definition for one in apps], [one.start() for one in apps])
try:
    path.set_jobdef_var("s", 5)
except TypeError as error:
    print(error)
""",
    )

    assert done.out.splitlines() == ["[True, True, True] [0, 0, 0]", "str expected for `value`, not int"], done
    assert [mark.label for mark in project.marks(what="end")] == ["a", "b"] * 3


def test_a_signal_to_a_driver_script_stops_its_job(project: Project) -> None:
    """With on_abort for what runs. FM-22, FM-23, FM-63"""
    project.job({"busy": "Busy"})
    script = project.file("driver.py", DRIVER)
    started = project.python(str(script))
    project.wait_for_mark("busy", "ready")
    started.signal(15)

    assert started.wait().status not in (0, -15)
    assert project.hooks("busy")[-2:] == ["on_abort", "on_destroy"]
    assert project.all_gone()


def test_a_section_replaces_the_default_parts(project: Project) -> None:
    """Without the section there is a progress bar and a file logger; with it what it says, or nothing. FM-37, FM-38"""
    two_tasks(project)
    project.job({"a": "Step"}, file="none.yaml", extensions={}, loggers={})
    project.job({"a": "Step"}, file="other.yaml", loggers={"c": {"logger": "ConsoleLogger"}})

    done = drive(
        project,
        """
from flowrun import Flowrun
for job in ("job.yaml", "none.yaml", "other.yaml"):
    found = Flowrun().load_job_definition(job).get_job_definition()
    print([part.variant for part in (*found.loggers.values(), *found.extensions.values())])
""",
    )

    assert done.out.splitlines() == [
        "['FileLogger', 'RichProgressBar']",
        "[]",
        "['ConsoleLogger', 'RichProgressBar']",
    ], done


def test_a_run_that_could_not_begin_leaves_nothing(project: Project) -> None:
    """The lock is free and no process or descriptor is left, also if the program keeps the error."""
    project.file(
        "extensions/broken.py",
        """
from flowrun.checkpointer import Checkpointer, checkpointer
from flowrun.errors import NoCheckpointAvailableError

@checkpointer
class Broken(Checkpointer):
    async def write_checkpoint(self, name, content):
        raise OSError("no room")

    async def read_checkpoint(self, name):
        raise OSError("unreadable")

    async def clear_checkpoint(self, name):
        pass
""",
    )
    project.job({"a": "Step", "t": {"task": "Step", "executor": "thread"}, "c": "AsyncStep"})
    project.job(
        {"a": "Step", "t": {"task": "Step", "executor": "thread"}, "c": "AsyncStep"},
        file="broken.yaml",
        checkpointer={"checkpointer": "Broken"},
    )

    done = drive(
        project,
        """
import os
from flowrun import Flowrun
from flowrun.errors import StateError

def left():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return len(os.listdir("/proc/self/fd")), file.read()

assert Flowrun().start("job.yaml", argv=[]) == 0
before, errors = left(), []
for restart in (False, True):
    try:
        Flowrun().start("broken.yaml", raise_exception_on_failure=True, restart=restart, argv=[])
    except StateError as error:
        errors.append(error)
    assert Flowrun().start("job.yaml", argv=[]) == 0
assert len(errors) == 2, errors
assert left() == before, (left(), before)
print("well")
""",
    )

    assert done.out.splitlines()[-1:] == ["well"], done


def test_a_running_event_loop_is_named(project: Project) -> None:
    """A coroutine cannot run a job itself; in a thread it can."""
    two_tasks(project)

    done = drive(
        project,
        """
import asyncio
from flowrun import Flowrun

async def main():
    print(Flowrun().start("job.yaml", argv=[]))
    print(await asyncio.to_thread(lambda: Flowrun().start("job.yaml", argv=[])))

asyncio.run(main())
""",
    )

    assert done.out.split() == ["99", "0"], done
    assert "in a thread, with `asyncio.to_thread`" in done.err
    assert project.count("b", "end") == 1


def test_a_job_can_start_again_while_another_goes_on(project: Project) -> None:
    """Jobs in threads of one program: neither keeps the lock of the other, nor takes away its ears."""
    project.task_module(
        """
@task
class Says(Traced):
    def run(self) -> None:
        self.mark("start")
        while not os.path.exists("flag"):
            time.sleep(0.01)
        print("said late")
"""
    )
    project.job({"a": "Step", "t": {"task": "Step", "executor": "thread"}}, file="short.yaml", config={"name": "short"})
    project.job({"long": "Says", "late": {"task": "Says", "executor": "thread"}}, file="long.yaml")

    done = drive(
        project,
        """
import gc, os, sys, threading, time
from flowrun import Flowrun

codes, before = [], (sys.stdout, gc.get_threshold())
def run(path):
    codes.append(Flowrun().start(path, argv=[]))

def short():
    while not os.path.exists(os.environ["MARKS"]):  # the long one is under way
        time.sleep(0.001)
    run("short.yaml")

first, second = threading.Thread(target=short), threading.Thread(target=run, args=("long.yaml",))
first.start(), second.start()
first.join()
run("short.yaml")
run("short.yaml")
open("flag", "w").close()
second.join()
print(codes, before == (sys.stdout, gc.get_threshold()))
""",
    )

    assert done.out.splitlines()[-1] == "[0, 0, 0, 0] True", done
    assert "said late" in project.log("late")


def test_a_script_whose_output_goes_to_a_file_says_how_it_went(project: Project) -> None:
    """One line, which a job without a progress bar does not say. FM-82"""
    two_tasks(project)
    said = drive(project, DRIVER).err
    project.job({"a": "Step"}, extensions={})

    assert said.startswith("job completed in ")
    assert said.endswith("s: 2 completed\n")
    assert drive(project, DRIVER).text == ""
