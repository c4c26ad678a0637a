"""A task says how far it is, and whoever looks at the run sees it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ..project import Project, Started, eventually
from ..served import Served

TASKS = """
from flowrun.task import progress

def tell(done):
    progress(done, 10, "files")

@task
class Copy(Traced):
    waits_for: str = ""

    async def run(self) -> int:
        for done in range(3):
            tell(done + 1)
        while self.waits_for and not os.path.exists(self.waits_for):
            await asyncio.sleep(0.01)
        for done in range(3, 10):
            tell(done + 1)
        return 10

@task
def count() -> None:
    progress(1204, message=os.environ.get("TOKEN", "rows"))

@task
def wrong() -> None:
    progress(float("nan"))
"""

THREE = {"done": 3, "total": 10, "message": "files"}
ALL = {"done": 10, "total": 10, "message": "files"}


@pytest.fixture
def copying(project: Project) -> Project:
    """A project with the tasks of this file."""
    project.task_module(TASKS)
    return project


@pytest.fixture
def waiting(copying: Project) -> Started:
    """A run whose task has said that it has done 3 of 10, and waits for the flag."""
    copying.job({"copy": {"task": "Copy", "parameters": {"waits_for": str(copying.flag)}}})
    return copying.start()


def test_progress_is_an_event(copying: Project) -> None:
    """In every executor of this machine; a number without a total too; the log has no line of it."""
    executors = ("process", "thread", "async")
    tasks = {name: {"task": "Copy", "executor": name} for name in executors}
    copying.job({**tasks, "count": "count"})

    done = copying.run()

    assert done.status == 0, done
    for name in executors:
        assert done.progress(name)[-1] == ALL
    assert done.progress("count") == [{"done": 1204, "total": None, "message": "rows"}]
    assert copying.log("process") == ""


def test_progress_makes_no_lines(copying: Project) -> None:
    """Where nothing is redrawn, as in CI, a bar would only be noise."""
    copying.job({"copy": "Copy"})

    done = copying.command("run", "job.yaml", "--output", "lines").wait()

    said = [" ".join(line.split()[1:3]) for line in done.err.splitlines()[1:3]]
    assert said == ["started copy", "completed copy"]


def test_the_log_of_the_runner_has_progress_where_everything_is_wanted(copying: Project) -> None:
    """As an entry of the lowest level."""
    copying.job({"copy": "Copy"})
    copying.environment["FLOWRUN_LOG"] = "debug"

    entries = [
        json.loads(line)
        for line in copying.command("run", "job.yaml", "--log-format", "json").wait().err.splitlines()
        if line.startswith("{")
    ]

    last = [entry for entry in entries if entry["event"] == "progress"][-1]
    assert {"level": "debug", "job": "job", "task": "copy", "attempt": 1, **ALL}.items() <= last.items()


def test_a_number_that_says_nothing_fails_the_task(copying: Project) -> None:
    """With a message that says what is wrong with it."""
    copying.job({"wrong": "wrong"})

    done = copying.run()

    assert done.message("wrong") == "ValueError: progress: done is to be a finite number that is not negative, not nan"


def test_progress_hides_secrets(copying: Project) -> None:
    """As everything that is shown does."""
    copying.environment["TOKEN"] = "open-sesame"
    copying.job({"count": {"task": "count", "secrets": ["TOKEN"]}})

    done = copying.run()

    assert done.progress("count")[-1]["message"] == "***"
    assert "open-sesame" not in done.text


def test_an_extension_hears_of_progress(copying: Project) -> None:
    """As one of the events that it is told."""
    copying.file(
        "extensions/mine.py",
        "from flowrun.eventbus.progress import ProgressEvent\n"
        "from flowrun.extensions.extension import Extension, extension\n"
        "@extension\n"
        "class Hears(Extension):\n"
        "    async def update(self, e):\n"
        "        if isinstance(e, ProgressEvent):\n"
        "            open('heard', 'a').write(f'{e.name} {e.attempt} {e.done}/{e.total}\\n')\n",
    )
    copying.job({"copy": "Copy"}, extensions={"hears": {"extension": "Hears"}})

    assert copying.run().status == 0
    assert (copying.root / "heard").read_text().splitlines()[-1] == "copy 1 10/10"


def test_the_status_of_a_run_shows_progress(copying: Project, waiting: Started) -> None:
    """While it goes on; afterwards programs still find what was said last."""

    def shown() -> str:
        return copying.command("status").wait().out

    assert eventually(lambda: "30 % (3 of 10 files)" in shown())
    copying.flag.touch()
    assert waiting.wait().status == 0

    assert "files" not in shown()
    (task,) = json.loads(copying.command("status", "--json").wait().out)["tasks"]
    assert task["progress"] == ALL


def test_the_api_tells_progress(copying: Project, waiting: Started, serve: Callable[..., Served]) -> None:
    """In the rows of tasks and attempts, and on the stream: who comes late is told how far it is now. CF-66"""
    served = serve()
    copying.wait_for_mark("copy", "on_create")

    with served.watching("?run=@last") as events:
        told = next(data for name, data, _ in events if name == "progress" and data["done"] == 3)
    with served.watching("?run=@last") as events:
        told_late = next(data for name, data, _ in events if name == "progress")
        copying.flag.touch()
        last = next(data for name, data, _ in events if name == "progress" and data["done"] == 10)
    assert waiting.wait().status == 0

    run = served.get("/runs")["items"][0]["id"]
    assert told == told_late == {"run": run, "task": "copy", "attempt": 1, **THREE}
    assert last == {"run": run, "task": "copy", "attempt": 1, **ALL}
    (row,) = served.get(f"/runs/{run}/tasks")["items"]
    assert (row["progress"], row["attempts"][0]["progress"]) == (ALL, ALL)
    page = served.get(f"/runs/{run}/task", params={"task": "copy"})
    assert (page["progress"], page["attempt_details"][0]["progress"]) == (ALL, ALL)


def test_a_task_that_says_nothing_has_no_progress(project: Project, serve: Callable[..., Served]) -> None:
    """Nothing is invented."""
    project.job({"a": "Step"})
    assert project.run().status == 0

    (row,) = serve().get("/runs/@last/tasks")["items"]

    assert (row["progress"], row["attempts"][0]["progress"]) == (None, None)
