"""Loggers, extensions, executors, checkpointers and job formats of the user's own, found in the project."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

LOGGER = """
import asyncio
import sys
import time
from typing import Any

from flowrun.eventbus.log import LogEndEvent, LogStartEvent, LogWriteEvent, SerializableLogEvent
from flowrun.loggers.logger import Logger, logger
from tasks.stock import mark

@logger
class Probe(Logger):
    name: str = "probe"
    bad: str = ""
    how: str = "raise"

    async def _called(self, hook: str, **more: Any) -> None:
        mark(self.name, hook, **more)
        if hook != self.bad:
            return
        if self.how == "raise":
            raise RuntimeError("planned fault")
        if self.how == "exit":
            sys.exit(0)
        if self.how == "print":
            print("printed by a logger")
        if self.how == "slow":
            await asyncio.sleep(0.05)
        if self.how == "block":
            time.sleep(600)

    async def on_create(self) -> None:
        await self._called("on_create")

    async def on_restart(self) -> None:
        await self._called("on_restart")

    async def update(self, evt: SerializableLogEvent) -> None:
        text = f"{evt.severity.value} {evt.message}" if isinstance(evt, LogWriteEvent) else ""
        await self._called("update", event=type(evt).__name__, task=evt.name, text=text)

    async def on_success(self) -> None:
        await self._called("on_success")

    async def on_failure(self) -> None:
        await self._called("on_failure")

    async def on_destroy(self) -> None:
        await self._called("on_destroy")
"""

EXTENSION = """
from typing import Any

from flowrun.eventbus.execution import ExecutionStateTransition, SerializableExecutionEvent
from flowrun.extensions.extension import Extension, extension
from tasks.stock import mark

@extension
class Watches(Extension):
    bad: str = ""

    async def _called(self, hook: str, **more: Any) -> None:
        mark("watches", hook, **more)
        if hook == self.bad:
            raise RuntimeError("planned fault")

    async def on_create(self) -> None:
        await self._called("on_create")

    async def on_restart(self) -> None:
        await self._called("on_restart")

    async def update(self, e: SerializableExecutionEvent) -> None:
        assert isinstance(e, ExecutionStateTransition)
        await self._called("update", task=e.name, move=e.from_state.value + e.to_state.value)

    async def on_success(self) -> None:
        await self._called("on_success")

    async def on_failure(self) -> None:
        await self._called("on_failure")

    async def on_destroy(self) -> None:
        await self._called("on_destroy")
"""

SAYS = """
@task
class Says(Traced):
    def run(self) -> None:
        print("one")
        self.logger.warning("two")
        self.mark("end")
"""


def job(project: Project, tasks: dict[str, object] | None = None, **sections: object) -> None:
    project.task_module(SAYS)
    project.file("loggers/probe.py", LOGGER)
    project.file("extensions/watches.py", EXTENSION)
    project.job(tasks or {"a": "Says", "b": {"task": "Says", "dependencies": ["a"]}}, **sections)


def test_a_logger_hears_every_attempt_from_start_to_end(project: Project) -> None:
    """on_create, then start, lines and end of each attempt, then on_success and on_destroy. FM-65, FM-77, FM-80"""
    job(project, loggers={"p": {"logger": "Probe"}})

    assert project.run().status == 0
    hooks = project.hooks("probe")
    assert (hooks[0], hooks[-2:]) == ("on_create", ["on_success", "on_destroy"])
    for name in ("a", "b"):
        heard = [
            (mark.more["event"], mark.more["text"])
            for mark in project.marks("probe", "update")
            if mark.more["task"] == name
        ]
        assert heard == [
            ("LogStartEvent", ""),
            ("LogWriteEvent", "INFO one"),
            ("LogWriteEvent", "WARNING two"),
            ("LogEndEvent", ""),
        ]


def test_several_loggers_all_hear_everything(project: Project) -> None:
    """And the section replaces the default. FM-37, FM-80"""
    probe = {name: {"logger": "Probe", "parameters": {"name": name}} for name in ("first", "second")}
    job(project, loggers=probe)

    assert project.run().status == 0
    assert project.count("first", "update") == project.count("second", "update") == 8
    assert not (project.root / "logs").exists()


@pytest.mark.parametrize("how", ["raise", "exit", "print", "slow"])
@pytest.mark.parametrize("bad", ["on_create", "update", "on_success", "on_destroy"])
def test_a_logger_that_misbehaves_changes_nothing(project: Project, bad: str, how: str) -> None:
    """The job ends as its tasks end, the other logger hears everything; a fault is told once. X-FM-11"""
    probe = {"logger": "Probe", "parameters": {"bad": bad, "how": how}}
    job(project, loggers={"p": probe, "file": {"logger": "FileLogger"}})

    done = project.run()

    assert done.status == 0
    assert project.count("b", "end") == 1
    assert project.log_lines("b") == [("INFO", "one"), ("WARNING", "two")]
    told = [notice for notice in done.report["notices"] if "logger 'p' (Probe)" in notice]
    assert len(told) == (how in ("raise", "exit"))


def test_an_extension_hears_every_transition_once(project: Project) -> None:
    """In order, between its own hooks. FM-65, FM-81, FM-87"""
    job(project, extensions={"w": {"extension": "Watches"}})

    assert project.run().status == 0
    hooks = project.hooks("watches")
    assert (hooks[0], hooks[-2:]) == ("on_create", ["on_success", "on_destroy"])
    for name in ("a", "b"):
        moves = [mark.more["move"] for mark in project.marks("watches", "update") if mark.more["task"] == name]
        assert moves == ["_P", "PR", "RC"]


def test_components_hear_of_failure_and_restart(project: Project) -> None:
    """on_failure if a task did not complete; on_restart after on_create in a restart. FM-65"""
    fails = {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}}
    job(project, {"a": fails}, loggers={"p": {"logger": "Probe"}}, extensions={"w": {"extension": "Watches"}})
    project.run()
    project.flag.touch()
    project.run("-r")

    for label in ("probe", "watches"):
        hooks = [hook for hook in project.hooks(label) if hook != "update"]
        assert hooks == ["on_create", "on_failure", "on_destroy", "on_create", "on_restart", "on_success", "on_destroy"]


@pytest.mark.parametrize("bad", ["on_create", "update", "on_success", "on_destroy"])
def test_an_extension_that_raises_changes_nothing(project: Project, bad: str) -> None:
    """It is told once. X-FM-11"""
    job(project, extensions={"w": {"extension": "Watches", "parameters": {"bad": bad}}})

    done = project.run()

    assert done.status == 0
    assert len([notice for notice in done.report["notices"] if "Watches" in notice]) == 1


def test_an_interval_decides_how_often_a_component_is_fed(project: Project) -> None:
    """With a long interval a logger hears the rest at the end, with 0 it hears each line at once. FM-31, X-FM-04"""
    waits = {"task": "Says"}, {"task": "Step", "dependencies": ["a"], "parameters": {"waits_for": str(project.flag)}}
    for seconds, is_heard in ((3600, False), (0, True)):
        job(
            project,
            dict(zip("ab", waits, strict=True)),
            loggers={"p": {"logger": "Probe"}},
            config={"loggers_interval_seconds": seconds},
        )
        project.flag.unlink(missing_ok=True)
        before, starts = project.count("probe", "update"), project.count("b")
        started = project.start()
        project.wait_for_mark("b", count=starts + 1)
        if is_heard:
            project.wait_for_mark("probe", "update", before + 4)
        else:
            assert project.count("probe", "update") < before + 4
        project.flag.touch()
        assert started.wait().status == 0


EXECUTOR = """
import asyncio
from pydantic import PrivateAttr

from flowrun import values
from flowrun.attempt import Attempt, Outcome
from flowrun.eventbus.log import LogWriteEvent, Severity
from flowrun.executors.executor import Emit, Executor, Workplace, executor
from tasks.stock import mark

@executor
class Pretends(Executor):
    result: int = 0
    fails: bool = False

    _ended: dict[str, asyncio.Event] = PrivateAttr(default_factory=dict)
    _root: str = PrivateAttr(default="")

    def prepare(self, workplace: Workplace) -> None:
        self._root = str(workplace.root)

    async def on_create(self) -> None:
        mark("pretends", "on_create", root=self._root)

    async def on_destroy(self) -> None:
        mark("pretends", "on_destroy")

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        mark(attempt.task, "start", attempt.number, parameters=attempt.parameters)
        emit(LogWriteEvent(name=attempt.task, severity=Severity.INFO, message="pretended"))
        if self.fails:
            raise RuntimeError("no worker")
        if attempt.parameters.get("waits_for"):
            self._ended[attempt.id] = asyncio.Event()
            await self._ended[attempt.id].wait()
            return Outcome.aborted()
        return Outcome.completed(values.encode(self.result))

    async def abort(self, attempt: Attempt) -> None:
        mark(attempt.task, "abort")
        self._ended[attempt.id].set()
"""


def test_an_executor_of_ones_own_carries_attempts(project: Project) -> None:
    """It gets the attempt, speaks through `emit`, and its outcome is the task's."""
    project.file("extensions/pretends.py", EXECUTOR)
    project.job(
        {
            "a": {"task": "Step", "executor": "mine", "parameters": {"seconds": 1}},
            "b": {"task": "Step", "dependencies": ["a"]},
        },
        executors={"mine": {"executor": "Pretends", "parameters": {"result": 42}}},
    )

    done = project.run()

    assert done.status == 0
    assert done.outcome("a")["result"] == "42"
    assert project.marks("a", "start")[0].more == {"parameters": {"seconds": 1}}
    assert project.log_lines("a") == [("INFO", "pretended")]
    assert project.marks("pretends")[0].more == {"root": str(project.root)}
    assert project.hooks("pretends") == ["on_create", "on_destroy"]


def test_a_fault_of_an_executor_fails_the_attempt(project: Project) -> None:
    """It is not the task's, and not the job's: other tasks go on."""
    project.file("extensions/pretends.py", EXECUTOR)
    project.job(
        {"a": {"task": "Step", "executor": "mine", "max_attempts": 2}, "b": "Step"},
        executors={"mine": {"executor": "Pretends", "parameters": {"fails": True}}},
    )

    done = project.run()

    assert done.states == {"a": "FAILED", "b": "COMPLETED"}
    assert (done.reason("a"), done.message("a")) == ("not started", "the executor failed: RuntimeError: no worker")
    assert project.count("a") == 2


def test_an_executor_of_ones_own_is_asked_to_abort(project: Project) -> None:
    """A signal reaches it as `abort`."""
    project.file("extensions/pretends.py", EXECUTOR)
    project.job(
        {"a": {"task": "Step", "executor": "mine", "parameters": {"waits_for": "x"}}},
        executors={"mine": {"executor": "Pretends"}},
    )
    started = project.start()
    project.wait_for_mark("a")
    started.signal(signal.SIGTERM)

    assert started.wait().status == 143
    assert project.count("a", "abort") == 1


CHECKPOINTER = """
import json
import os
from pathlib import Path

from flowrun.checkpointer import CheckpointContents, Checkpointer, NoCheckpointAvailableError, checkpointer
from tasks.stock import mark

@checkpointer
class Keeps(Checkpointer):
    path: str
    bad: str = ""

    def _called(self, what: str) -> None:
        mark("keeps", what)
        if what == self.bad:
            raise RuntimeError("planned fault")

    async def write_checkpoint(self, name: str, content: CheckpointContents) -> None:
        self._called("write")
        states = {letter: sorted(names) for letter, names in content.states.items()}
        text = json.dumps({"states": states, "shared": content.shared_dict})
        Path(self.path + ".tmp").write_text(text)
        os.replace(self.path + ".tmp", self.path)

    async def read_checkpoint(self, name: str) -> CheckpointContents:
        self._called("read")
        if not os.path.exists(self.path):
            raise NoCheckpointAvailableError("nothing is kept")
        kept = json.loads(Path(self.path).read_text())
        states = {letter: set(names) for letter, names in kept["states"].items()}
        return CheckpointContents(name, states, kept["shared"])

    async def clear_checkpoint(self, name: str) -> None:
        self._called("clear")
        Path(self.path).unlink(missing_ok=True)
"""


def keeping(project: Project, bad: str = "", **config: object) -> None:
    project.file("extensions/keeps.py", CHECKPOINTER)
    project.task_module(
        """
@task
class Shares(Traced):
    def run(self) -> None:
        self.mark("start")
        self.shared_dict["who"] = "a"

@task
class Shows(Traced):
    flag: str

    def run(self) -> None:
        self.mark("start", who=self.shared_dict["who"])
        if not os.path.exists(self.flag):
            raise ValueError("planned")
"""
    )
    project.job(
        {"a": "Shares", "b": {"task": "Shows", "dependencies": ["a"], "parameters": {"flag": str(project.flag)}}},
        checkpointer={"checkpointer": "Keeps", "parameters": {"path": str(project.aside / "kept"), "bad": bad}},
        config=config,
    )


def test_a_checkpointer_of_ones_own_keeps_a_run(project: Project) -> None:
    """With the three methods of the contract only: states and shared values come back. FM-39, FM-76"""
    keeping(project)
    first = project.run()
    project.flag.touch()
    second = project.run("-r")

    assert (first.status, second.status) == (1, 0)
    assert project.count("a") == 1
    assert [mark.more["who"] for mark in project.marks("b", "start")] == ["a", "a"]
    assert project.count("b", "on_restart") == 1
    assert not (project.aside / "kept").exists()
    assert not list((project.root / ".flowrun").rglob("*.journal"))


def test_snapshots_are_written_at_the_interval(project: Project) -> None:
    """At the start, and while something has changed, no oftener than asked for. FM-31, X-FM-04"""
    project.flag.touch()
    for seconds, more in ((3600, False), (0.05, True)):
        keeping(project, checkpointer_interval_seconds=seconds, synchro_interval_seconds=0.02)
        text = (project.root / "job.yaml").read_text()
        project.job(text + "  c:\n    task: Step\n    parameters: {seconds: 0.4}\n")
        before = project.count("keeps", "write")
        assert project.run().status == 0
        assert (project.count("keeps", "write") - before > 1) is more


@pytest.mark.parametrize(("bad", "arguments"), [("write", []), ("read", ["-r"]), ("clear", [])])
def test_a_checkpointer_that_raises_ends_the_run_with_5(project: Project, bad: str, arguments: list[str]) -> None:
    """It is named; without a first checkpoint nothing runs."""
    keeping(project, bad)
    project.flag.touch()

    done = project.run("--output", "lines", *arguments)

    assert done.status == 5
    assert "Keeps" in done.err
    assert "planned fault" in done.err
    assert "Traceback" not in done.text
    assert project.count("a") == (bad == "clear")


FORMAT = """
import json
from pathlib import Path

from flowrun.jobdefinition import JobDefinition, LoadParams, SerializableJobDefinition, job_definition

@job_definition("json5ish")
class Braces(SerializableJobDefinition):
    def load(self, filename, params=LoadParams(), vars=None):
        return JobDefinition.model_validate(json.loads(Path(filename).read_text()))

    def dump(self, jdef, filename):
        Path(filename).write_text(jdef.model_dump_json(by_alias=True))
"""


def test_a_job_format_of_ones_own(project: Project) -> None:
    """It may live in the directories of the project, and is chosen with `--type`. FM-03, X-FM-31"""
    project.file("extensions/braces.py", FORMAT)
    project.file("job.json", '{"config": {"name": "j"}, "tasks": {"a": {"task": "Step"}}}')

    done = project.run("-t", "json5ish", job="job.json")
    unknown = project.run("-t", "nothing", job="job.json")

    assert done.status == 0
    assert project.count("a", "end") == 1
    assert unknown.status != 0
    assert "yaml" in unknown.err


def test_classes_come_from_other_directories_too(project: Project) -> None:
    """`extension_directories`, two of one name, and an installed package. FM-28, FM-29, FM-47, X-FM-16"""
    for place in ("one", "two"):
        source = (
            f"from flowrun.task import Task, task\nfrom tasks.stock import mark\n\n@task\nclass From_{place}(Task):\n"
        )
        source += f"    def run(self) -> None:\n        mark('{place}', 'end')\n"
        (project.aside / place / "tasks").mkdir(parents=True)
        (project.aside / place / "tasks" / "more.py").write_text(source)
    package = project.aside / "site" / "plugpack"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(source.replace("two", "package"))
    project.environment["PYTHONPATH"] += f":{package.parent}"
    directories = [str(project.aside / place / "tasks") for place in ("one", "two")]
    project.job(
        {"a": "From_one", "b": "From_two", "c": "From_package", "d": "Step"},
        config={"extension_directories": directories, "extension_packages": ["plugpack"]},
    )

    assert project.run().status == 0
    assert {mark.label for mark in project.marks(what="end")} == {"one", "two", "package", "d"}


def test_a_logger_that_hangs_is_left_behind(project: Project) -> None:
    """After ten seconds it is given up and named; the tasks did not wait for it. X-FM-11"""
    job(project, loggers={"p": {"logger": "Probe", "parameters": {"bad": "update", "how": "block"}}})
    started = project.start()
    project.wait_for_mark("b", "end")

    done = started.wait()

    assert done.status == 0
    assert len([notice for notice in done.report["notices"] if "Probe" in notice]) == 1
    assert project.all_gone()
