"""A job runs its tasks in the order of their dependencies, and says how it ended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project import Project


def test_two_tasks_run_one_after_the_other(project: Project) -> None:
    """A dependent starts after its dependency has ended, in a process of its own. FM-01, FM-16, FM-55, FM-67"""
    project.job({"first": "Step", "second": {"task": "Step", "dependencies": ["first"]}})

    done = project.run()

    assert done.status == 0
    assert [mark.label for mark in project.marks(what="start")] == ["first", "second"]
    assert project.marks("first")[-1].at <= project.marks("second")[0].at
    assert len({mark.pid for mark in project.marks()}) == 2
    assert done.moves("second") == "_PRC"


def test_a_failure_holds_back_what_depends_on_it_and_nothing_else(project: Project) -> None:
    """Children and grandchildren of a failed task never start; an independent chain ends. FM-17, FM-68"""
    project.job(
        {
            "bad": "Fails",
            "child": {"task": "Step", "dependencies": ["bad"]},
            "grandchild": {"task": "Step", "dependencies": ["child", "free"]},
            "free": {"task": "Step", "parameters": {"seconds": 0.1}},
            "free2": {"task": "Step", "dependencies": ["free"]},
        }
    )

    done = project.run()

    assert done.status == 1
    assert done.states == {
        "bad": "FAILED",
        "child": "DEFAULTED",
        "grandchild": "DEFAULTED",
        "free": "COMPLETED",
        "free2": "COMPLETED",
    }
    assert {mark.label for mark in project.marks(what="start")} == {"bad", "free", "free2"}
    assert done.task("grandchild")["held_back_by"] == "child"


def test_many_failures_do_not_wrap_the_status(project: Project) -> None:
    """The status is 1 however many tasks failed, never their number. FM-17"""
    project.job({f"t{number}": {"task": "Fails", "executor": "thread"} for number in range(256)})

    done = project.run()

    assert done.status == 1
    assert list(done.states.values()) == ["FAILED"] * 256


def test_a_wide_job_runs_every_task_once(project: Project) -> None:
    """A fan-out over 150 tasks of all executors and the fan-in after it."""
    executors = ["process", "thread", "async"]
    names = [f"m{number}" for number in range(150)]
    wide = {
        name: {"task": "AsyncStep", "executor": executors[number % 3], "dependencies": ["root"]}
        for number, name in enumerate(names)
    }
    project.job({"root": "Step", **wide, "leaf": {"task": "Step", "dependencies": names}})

    done = project.run()

    ends = [mark.label for mark in project.marks(what="end")]
    assert done.status == 0
    assert sorted(ends) == sorted(["root", *names, "leaf"])
    assert (ends[0], ends[-1]) == ("root", "leaf")


def test_a_deep_chain_runs_in_order(project: Project) -> None:
    """Sixty tasks after each other, in changing executors."""
    names = [f"d{number}" for number in range(60)]
    chain = {
        name: {
            "task": "Step",
            "executor": ["process", "thread", "async"][number % 3],
            "dependencies": names[:number][-1:],
        }
        for number, name in enumerate(names)
    }
    project.job(chain)

    assert project.run().status == 0
    assert [mark.label for mark in project.marks(what="end")] == names


def test_a_short_chain_is_not_delayed_by_many_long_tasks(project: Project) -> None:
    """Fifty tasks that wait do not keep the runner from noticing that others have ended. X-FM-08, FM-30"""
    waiting = {f"long{n}": {"task": "Step", "parameters": {"waits_for": str(project.flag)}} for n in range(50)}
    project.job(
        {
            **waiting,
            "quick": "Step",
            "quicker": {"task": "Step", "dependencies": ["quick"]},
            "last": {"task": "Opens", "dependencies": ["quicker"], "parameters": {"flag": str(project.flag)}},
        }
    )
    project.task_module(
        """
@task
class Opens(Traced):
    flag: str

    def run(self) -> None:
        open(self.flag, "w").close()
"""
    )

    assert project.run().status == 0
    assert project.count("long0", "end") == 1


def test_attempts_work_in_the_project_root(project: Project) -> None:
    """The working directory of a task is the project root, wherever the command was started. FM-02, FM-13"""
    project.task_module(
        """
@task
class Where(Traced):
    def run(self) -> None:
        self.mark("cwd", path=os.getcwd())
"""
    )
    project.job({"a": "Where"}, file="jobs/deep/job.yaml")
    elsewhere = project.aside / "elsewhere"
    elsewhere.mkdir()

    done = project.run(job=os.path.relpath(project.root / "jobs/deep/job.yaml", elsewhere), cwd=elsewhere)

    assert done.status == 0
    assert project.marks("a", "cwd")[0].more["path"] == str(project.root)
    assert list(elsewhere.iterdir()) == []


def test_parameters_come_as_the_class_declares_them(project: Project) -> None:
    """Nested models, enums, lists and dates are made of what the job file says. FM-36, FM-50"""
    project.task_module(
        """
from datetime import date
from enum import Enum
from pydantic import BaseModel

class Mode(Enum):
    FULL = "full"

class Inner(BaseModel):
    size: int = 7
    names: list[str] = []

@task
class Typed(Traced):
    day: date
    inner: Inner
    mode: Mode = Mode.FULL
    weights: dict[str, float] = {}

    def run(self) -> None:
        self.mark("saw", text=repr((self.day, self.inner, self.mode, self.weights)))
"""
    )
    inner = {"names": ["x", "y"]}
    project.job({"a": {"task": "Typed", "parameters": {"day": "2026-01-02", "inner": inner, "weights": {"w": 1}}}})

    assert project.run().status == 0
    assert project.marks("a", "saw")[0].more["text"] == (
        "(datetime.date(2026, 1, 2), Inner(size=7, names=['x', 'y']), <Mode.FULL: 'full'>, {'w': 1.0})"
    )


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_a_task_knows_who_it_is(project: Project, executor: str) -> None:
    """Name, variant, dependencies, number of the attempt and id of the run. FM-54"""
    project.task_module(
        """
@task
class Who(Traced):
    def run(self) -> None:
        m = self.metadata
        self.mark("who", all=[m.name, m.variant, m.depends_on, m.attempt, m.run_id, m.idempotency_key])
"""
    )
    project.job({"a": "Step", "b": {"task": "Who", "executor": executor, "dependencies": ["a"]}})

    run_id = project.run().report["run_id"]

    assert project.marks("b", "who")[0].more["all"] == ["b", "Who", ["a"], 1, run_id, f"{run_id}/b"]


def test_a_job_without_tasks_is_refused_and_leaves_nothing(project: Project) -> None:
    """Nothing to run is a mistake in the job, not a success. FM-12"""
    project.job({})

    done = project.run()

    assert done.status == 3
    assert not (project.root / ".flowrun").exists()


def test_a_finished_run_leaves_nothing_to_continue(project: Project) -> None:
    """After success the checkpoint is gone; only the logs and the history stay."""
    project.job({"a": "Step", "b": {"task": "Step", "dependencies": ["a"]}})
    project.run()

    state = project.root / ".flowrun"
    kept = [path for path in state.rglob("*") if path.is_file() and state / "history" not in path.parents]

    assert sorted(path.name for path in kept) == [".gitignore", "job.lock"]


@pytest.mark.parametrize("overlap", ["refuse", "allow"])
@pytest.mark.parametrize("checkpointer", ["FileCheckpointer", "SQLiteCheckpointer"])
def test_what_flowrun_keeps_is_not_for_git(project: Project, checkpointer: str, overlap: str) -> None:
    """Whoever makes the directory says so in it, whichever checkpointer the job has."""
    project.job({"a": "Step"}, checkpointer={"checkpointer": checkpointer}, config={"on_overlap": overlap})

    assert project.run().status == 0

    assert (project.root / ".flowrun/.gitignore").read_text() == "*\n"
    assert len(list(project.root.rglob(".gitignore"))) == 1


def test_two_projects_with_the_same_job_name_are_strangers(make_project: Callable[[], Project]) -> None:
    """The name identifies a job within its project."""
    first, second = make_project(), make_project()
    for project in (first, second):
        project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    started = [project.start() for project in (first, second)]
    for project in (first, second):
        project.wait_for_mark("a")
    for project in (first, second):
        project.flag.touch()

    assert [one.wait().status for one in started] == [0, 0]


def test_results_are_kept_with_the_run(project: Project) -> None:
    """What `run` returns is part of the completion and of the transition that tells it. FM-56"""
    project.task_module(
        """
@task
class Gives(Traced):
    def run(self) -> dict[str, int]:
        return {"rows": 41}
"""
    )
    project.job({"a": "Gives", "bad": {"task": "Fails", "dependencies": ["a"]}})

    project.run()

    journal = next((project.root / ".flowrun" / "job").glob("*.journal")).read_text()
    assert '"result":{"rows":41}' in journal


def test_nothing_waits_for_an_interval(project: Project) -> None:
    """With intervals of an hour a chain runs to its end: what happens wakes the runner. FM-30, X-FM-27"""
    intervals = ("synchro", "loggers", "extensions", "checkpointer")
    chain = {f"t{n}": {"task": "Step", "dependencies": [f"t{n - 1}"] if n else []} for n in range(5)}
    project.job(chain, config={f"{name}_interval_seconds": 3600 for name in intervals})

    assert project.run().status == 0
    assert project.count("t4", "end") == 1
