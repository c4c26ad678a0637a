"""The hooks of an attempt: which are called, in which order, and what an error in one of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project

RAISES = """
@task
class Raises(Traced):
    where: list[str] = []

    def mark(self, what: str, **more: object) -> None:
        super().mark(what, **more)
        if what in self.where:
            raise RuntimeError(f"planned failure in {what}")

    def run(self) -> None:
        self.mark("run")
"""

EXECUTORS = pytest.mark.parametrize("executor", ["process", "thread", "async"])


def run_raising(project: Project, executor: str, *where: str) -> Finished:
    """Run a task that raises in these hooks, one that depends on it, and one that has nothing to do with it."""
    project.task_module(RAISES)
    project.job(
        {
            "x": {"task": "Raises", "executor": executor, "parameters": {"where": list(where)}},
            "dependent": {"task": "Step", "dependencies": ["x"]},
            "other": "Step",
        }
    )
    done = project.run()
    assert done.states["other"] == "COMPLETED"
    assert (done.states["dependent"] == "COMPLETED") == (done.states["x"] == "COMPLETED")
    return done


@EXECUTORS
def test_success_calls_on_success_and_on_destroy(project: Project, executor: str) -> None:
    """on_create, run, on_success, on_destroy, all in one process. FM-57, FM-60"""
    done = run_raising(project, executor)

    assert done.status == 0
    assert project.hooks("x") == ["on_create", "run", "on_success", "on_destroy"]
    assert len({mark.pid for mark in project.marks("x")}) == 1


@EXECUTORS
def test_a_failed_run_calls_on_failure(project: Project, executor: str) -> None:
    """on_create, run, on_failure, on_destroy; the task is failed. FM-61"""
    done = run_raising(project, executor, "run")

    assert done.status == 1
    assert project.hooks("x") == ["on_create", "run", "on_failure", "on_destroy"]
    assert done.message("x") == "RuntimeError: planned failure in run"


@EXECUTORS
def test_run_is_not_called_after_a_failed_on_create(project: Project, executor: str) -> None:
    """The attempt fails; on_destroy is still called. FM-59, X-FM-09, X-FM-30"""
    done = run_raising(project, executor, "on_create")

    assert done.status == 1
    assert project.hooks("x") == ["on_create", "on_destroy"]
    assert done.message("x") == "RuntimeError: planned failure in on_create"


@EXECUTORS
def test_an_error_in_on_success_fails_the_task(project: Project, executor: str) -> None:
    """on_failure belongs to `run` and is not called; the error is logged. FM-60, X-FM-09"""
    done = run_raising(project, executor, "on_success")

    assert done.status == 1
    assert project.hooks("x") == ["on_create", "run", "on_success", "on_destroy"]
    assert "planned failure in on_success" in project.log("x")


@EXECUTORS
def test_an_error_in_on_failure_is_logged_beside_the_first(project: Project, executor: str) -> None:
    """Both tracebacks are in the log; the outcome is that of `run`. FM-61"""
    done = run_raising(project, executor, "run", "on_failure")

    assert project.hooks("x") == ["on_create", "run", "on_failure", "on_destroy"]
    assert done.message("x") == "RuntimeError: planned failure in run"
    assert done.outcome("x")["hook_errors"] == ["on_failure: RuntimeError: planned failure in on_failure"]
    assert project.log("x").count("RuntimeError: planned failure in run") == 1
    assert "planned failure in on_failure" in project.log("x")


@EXECUTORS
def test_an_error_in_on_destroy_undoes_nothing(project: Project, executor: str) -> None:
    """A completed task stays completed; the error is logged and recorded. FM-62, X-FM-09"""
    done = run_raising(project, executor, "on_destroy")

    assert done.status == 0
    assert done.outcome("x")["hook_errors"] == ["on_destroy: RuntimeError: planned failure in on_destroy"]
    assert "planned failure in on_destroy" in project.log("x")


@EXECUTORS
def test_a_task_in_which_everything_raises_ends(project: Project, executor: str) -> None:
    """Each hook that is due is tried once, the last of them too."""
    done = run_raising(project, executor, "on_create", "run", "on_success", "on_failure", "on_destroy")

    assert done.status == 1
    assert project.hooks("x") == ["on_create", "on_destroy"]


def test_each_attempt_has_the_whole_lifecycle_in_a_process_of_its_own(project: Project) -> None:
    """Three attempts are three processes; a retry is no restart; on_failure is called each time. FM-34, FM-57, FM-61"""
    project.job({"x": {"task": "Fails", "parameters": {"times": 2}, "max_attempts": 3}})

    done = project.run()

    pids = list(dict.fromkeys(mark.pid for mark in project.marks("x")))
    assert done.status == 0
    assert [project.hooks("x", pid) for pid in pids] == [
        ["on_create", "start", "on_failure", "on_destroy"],
        ["on_create", "start", "on_failure", "on_destroy"],
        ["on_create", "start", "end", "on_success", "on_destroy"],
    ]
    assert done.moves("x") == "_PRPRPRC"


@EXECUTORS
def test_on_restart_is_for_the_failed_task_alone(project: Project, executor: str) -> None:
    """Between on_create and run, in a restart; not for what was held back or had completed. FM-58, FM-74"""
    project.job(
        {
            "before": "Step",
            "f": {
                "task": "FailsUntilFlag",
                "executor": executor,
                "dependencies": ["before"],
                "parameters": {"flag": str(project.flag)},
            },
            "held": {"task": "Step", "dependencies": ["f"]},
        }
    )
    first = project.run()
    project.flag.touch()
    second = project.run("-r")

    assert (first.status, second.status) == (1, 0)
    assert project.hooks("f")[4:] == ["on_create", "on_restart", "start", "end", "on_success", "on_destroy"]
    assert project.hooks("held") == ["on_create", "start", "end", "on_success", "on_destroy"]
    assert project.count("before") == 1
    assert second.moves("before") == "_C"


def test_run_is_not_called_after_a_failed_on_restart(project: Project) -> None:
    """As after a failed on_create. FM-59"""
    project.task_module(RAISES)
    where = {"first": ["run"], "second": ["on_restart"]}
    for name, hooks in where.items():
        project.job({"x": {"task": "Raises", "parameters": {"where": hooks}}}, file=f"{name}.yaml")
    project.run(job="first.yaml")
    before = len(project.hooks("x"))

    done = project.run("-r", job="second.yaml")

    assert done.status == 1
    assert project.hooks("x")[before:] == ["on_create", "on_restart", "on_destroy"]


def test_a_dependent_is_not_created_before_its_turn(project: Project) -> None:
    """Its first hook comes after the last hook of its dependency."""
    project.task_module(
        """
@task
class Lingers(Step):
    def on_destroy(self) -> None:
        time.sleep(0.2)
        self.mark("on_destroy")
"""
    )
    project.job({"a": "Lingers", "b": {"task": "Step", "dependencies": ["a"]}})

    assert project.run().status == 0
    assert project.marks("a")[-1].what == "on_destroy"
    assert project.marks("b")[0].at >= project.marks("a")[-1].at


@EXECUTORS
def test_every_hook_sees_parameters_shared_values_and_logger(project: Project, executor: str) -> None:
    """What one hook writes the next one reads. FM-64 F2-09"""
    project.task_module(
        """
@task
class Everywhere(Task):
    word: str

    def _touch(self, hook: str) -> None:
        self.shared_dict[hook] = self.word
        self.logger.info(f"in {hook}")
        mark(self.metadata.name, hook, keys=list(self.shared_dict), word=self.word)

    def on_create(self) -> None:
        self._touch("on_create")

    def run(self) -> None:
        self._touch("run")

    def on_success(self) -> None:
        self._touch("on_success")

    def on_destroy(self) -> None:
        self._touch("on_destroy")
"""
    )
    project.job({"e": {"task": "Everywhere", "executor": executor, "parameters": {"word": "given"}}})

    assert project.run().status == 0
    hooks = ["on_create", "run", "on_success", "on_destroy"]
    assert [mark.more for mark in project.marks("e")] == [
        {"keys": hooks[: number + 1], "word": "given"} for number in range(4)
    ]
    assert project.log_lines("e") == [("INFO", f"in {hook}") for hook in hooks]


@EXECUTORS
def test_hooks_may_be_coroutines(project: Project, executor: str) -> None:
    """Every hook can be `async`, in every executor."""
    project.task_module(
        """
@task
class Awaits(Task):
    async def _rest(self, hook: str) -> None:
        await asyncio.sleep(0)
        mark(self.metadata.name, hook)

    async def on_create(self) -> None:
        await self._rest("on_create")

    async def run(self) -> None:
        await self._rest("run")
        raise KeyError("planned")

    async def on_failure(self) -> None:
        await self._rest("on_failure")

    async def on_destroy(self) -> None:
        await self._rest("on_destroy")
"""
    )
    project.job({"a": {"task": "Awaits", "executor": executor}})

    done = project.run()

    assert done.message("a") == "KeyError: 'planned'"
    assert project.hooks("a") == ["on_create", "run", "on_failure", "on_destroy"]


@EXECUTORS
def test_prints_and_tracebacks_are_in_the_log(project: Project, executor: str) -> None:
    """The last line too, though it has no end, and the traceback into the user's file. FM-52, FM-53, X-FM-25"""
    file = project.task_module(
        """
@task
class Speaks(Task):
    def run(self) -> None:
        print("one", "two")
        self.logger.debug("d")
        self.logger.info("i")
        self.logger.warning("w")
        self.logger.error("e")
        self.logger.critical("c")
        print("without end", end="")
        raise ValueError("boom")
"""
    )
    project.job({"a": {"task": "Speaks", "executor": executor}})

    project.run()

    lines = project.log_lines("a")
    assert lines[:6] == [
        ("INFO", "one two"),
        ("DEBUG", "d"),
        ("INFO", "i"),
        ("WARNING", "w"),
        ("ERROR", "e"),
        ("CRITICAL", "c"),
    ]
    assert ("INFO", "without end") in lines
    assert ("ERROR", "ValueError: boom") in lines
    assert ("ERROR", f'  File "{file}", line 13, in run') in lines
    assert "flowrun/executors" not in project.log("a")
