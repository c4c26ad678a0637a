"""Functions are tasks: named in a job file, checked, carried by every executor; decorators give defaults."""

from __future__ import annotations

import json

import pytest

from ..project import Project

FUNCTIONS = '''
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from flowrun.task import bind, current_task
from tasks.stock import *


@task
def load(rows: int, channel: str = "ops") -> list[int]:
    """Load rows into a channel.

    Further lines are not shown.
    """
    here = current_task()
    here.shared_dict["rows"] = rows
    here.logger.warning(f"{here.metadata.name} loads {rows} into {channel}")
    return list(range(rows))


@task
async def publish(here: Task) -> int:
    await asyncio.sleep(0)
    return here.shared_dict["rows"]


@task
def numbers(count: int = 3) -> Iterator[int]:
    yield from range(count)


@task
async def letters(text: str = "abc") -> AsyncIterator[str]:
    for letter in text:
        await asyncio.sleep(0)
        yield letter


@task("sturdy", max_attempts=3, backoff=0, depends_on=["first"], retry_on=["ValueError"])
def fails_twice() -> int:
    attempt = current_task().metadata.attempt
    mark("sturdy", "start", attempt)
    if attempt < 3:
        raise ValueError(f"attempt {attempt}")
    return attempt


@task
def meets(label: str, other: str) -> None:
    mark(label, "start")
    end = time.monotonic() + 60
    while not any(f'"label": "{other}"' in line for line in open(os.environ["MARKS"])):
        assert time.monotonic() < end
        time.sleep(0.01)


@task
async def knows_itself(name: str) -> None:
    for _ in range(20):
        await asyncio.sleep(0.001)
        assert current_task().metadata.name == name


class Warehouse:
    def __init__(self, shelf: int) -> None:
        self.shelf = shelf

    @task
    def store(self, more: int = 0) -> int:
        return self.shelf + more

    @task("kind")
    @classmethod
    def name_of(cls) -> str:
        return cls.__name__


bind(Warehouse(5))
bind(Warehouse(7), "upper.")

for day in ("monday", "tuesday"):

    @task(f"on_{day}")
    def on_day(day: str = day) -> str:
        return day
'''

DRIVER = """
import json
from flowrun import Flowrun, values

app = Flowrun()
app.start("job.yaml")
print("\\n" + json.dumps({name: values.decode(text) for name, text in app.report.values.items()}))
"""


def results(project: Project) -> dict[str, object]:
    """Run the job from a Python program, which is given the results."""
    finished = project.python(str(project.file("driver.py", DRIVER))).wait()
    assert finished.status == 0, str(finished)
    found: dict[str, object] = json.loads(finished.out.splitlines()[-1])
    return found


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_functions_run_in_every_executor(project: Project, executor: str) -> None:
    """Plain ones, coroutines and generators, with parameters and results. AS-01, F2-02"""
    project.file("tasks/mine.py", FUNCTIONS)
    tasks = {
        "load": {"task": "load", "parameters": {"rows": "3"}},
        "publish": {"task": "publish", "dependencies": ["load"]},
        "numbers": {"task": "numbers", "parameters": {"count": 2}},
        "letters": {"task": "letters"},
    }
    project.job({name: {**task, "executor": executor} for name, task in tasks.items()})

    found = results(project)

    assert found == {"load": [0, 1, 2], "publish": 3, "numbers": [0, 1], "letters": ["a", "b", "c"]}
    assert ("WARNING", "load loads 3 into ops") in project.log_lines("load")


@pytest.mark.parametrize("executor", ["thread", "async"])
def test_each_attempt_is_its_own_current_task(project: Project, executor: str) -> None:
    """However many are under way in one process, and however often they wait. AS-02"""
    project.file("tasks/mine.py", FUNCTIONS)
    names = [f"t{number}" for number in range(12)]
    project.job({name: {"task": "knows_itself", "executor": executor, "parameters": {"name": name}} for name in names})

    assert set(project.run().states.values()) == {"COMPLETED"}


def test_functions_work_where_nothing_is_forked(project: Project) -> None:
    """Each attempt finds them again. AS-01"""
    project.file("tasks/mine.py", FUNCTIONS)
    project.job({"load": {"task": "load", "parameters": {"rows": 2}}, "own": "store"}, config={"start_method": "spawn"})

    finished = project.run()

    assert finished.states == {"load": "COMPLETED", "own": "COMPLETED"}, str(finished)


def test_methods_of_objects_and_classes_are_tasks(project: Project) -> None:
    """Each of the objects that were bound, under its own name. AS-06"""
    project.file("tasks/mine.py", FUNCTIONS)
    project.job({"own": {"task": "store", "parameters": {"more": 1}}, "upper": "upper.store", "kind": "kind"})

    assert results(project) == {"own": 6, "upper": 7, "kind": "Warehouse"}


def test_functions_made_in_a_loop_are_tasks(project: Project) -> None:
    """Each under the name that it was given. X-AS-10"""
    project.file("tasks/mine.py", FUNCTIONS)
    project.job({"one": "on_monday", "two": "on_tuesday"})

    assert results(project) == {"one": "monday", "two": "tuesday"}


def test_two_blocking_functions_overlap(project: Project) -> None:
    """Each waits for the other, which would never end if they ran one after the other. AS-02"""
    project.file("tasks/mine.py", FUNCTIONS)
    project.job(
        {
            "a": {"task": "meets", "parameters": {"label": "a", "other": "b"}},
            "b": {"task": "meets", "parameters": {"label": "b", "other": "a"}},
        }
    )

    assert project.run().states == {"a": "COMPLETED", "b": "COMPLETED"}


def test_the_decorator_gives_defaults(project: Project) -> None:
    """Attempts, exceptions worth another try, and dependencies. AS-01, AS-07"""
    project.file("tasks/mine.py", FUNCTIONS)
    project.job({"sturdy": "sturdy", "first": {"task": "numbers"}})

    finished = project.run()

    assert finished.states == {"sturdy": "COMPLETED", "first": "COMPLETED"}
    assert project.count("sturdy") == 3
    assert [
        task["name"] for task in json.loads(project.command("graph", "-j", "job.yaml", "--json").wait().out)["tasks"]
    ] == [
        "sturdy",
        "first",
    ]


def test_the_job_file_stands_above_the_decorator(project: Project) -> None:
    """Key by key. AS-01"""
    project.file("tasks/mine.py", FUNCTIONS)
    project.job({"sturdy": {"task": "sturdy", "max_attempts": 2, "dependencies": []}})

    finished = project.run()

    assert finished.message("sturdy") == "ValueError: attempt 2"
    assert project.count("sturdy") == 2


@pytest.mark.parametrize("value", ["-1", "True", "1.5", "'many'"])
def test_a_wrong_number_of_attempts_is_refused(project: Project, value: str) -> None:
    """With file and line, before anything runs. AS-03"""
    project.task_module(f"\n@task(max_attempts={value})\ndef wrong() -> None: ...\n")
    project.job({"wrong": "wrong"})

    finished = project.run("--output", "lines")

    assert finished.status == 3
    assert "`max_attempts` must be" in finished.err
    assert "tasks/mine.py:3" in finished.err


def test_unknown_dependencies_are_reported_together(project: Project) -> None:
    """Those of the file and those of decorators. AS-07"""
    project.task_module("\n@task(depends_on=['nobody', 'noone'])\ndef waits() -> None: ...\n")
    project.job({"waits": "waits", "other": {"task": "waits", "dependencies": ["nothing"]}})

    finished = project.command("validate", "job.yaml").wait()

    assert finished.status == 3
    assert [finished.err.count(f"depends on `{name}`") for name in ("nobody", "noone", "nothing")] == [1, 1, 1]
    assert "tasks/mine.py:3" in finished.err


def test_a_function_is_shown_with_what_it_takes(project: Project) -> None:
    """Where it stands, its first line, its parameters, and what its decorator says. AS-01"""
    project.file("tasks/mine.py", FUNCTIONS)

    lines = project.command("list", "tasks").wait().out.splitlines()

    start = next(number for number, line in enumerate(lines) if line.startswith("  load "))
    assert lines[start + 1 : start + 4] == [
        "      Load rows into a channel.",
        "      - rows: int",
        "      - channel: str = 'ops'",
    ]
    assert "      @ max_attempts: 3" in lines
    assert "  - channel: str = 'ops'" in project.command("explain", "load").wait().out.splitlines()


def test_the_schema_knows_the_parameters_of_functions(project: Project) -> None:
    """So that an editor completes and checks them. AS-01"""
    project.file("tasks/mine.py", FUNCTIONS)

    schema = json.loads(project.command("schema").wait().out)

    assert list(schema["$defs"]["task.load"]["properties"]) == ["rows", "channel"]
    assert schema["$defs"]["task.load"]["description"].startswith("Load rows into a channel.")


def test_what_cannot_be_a_task_is_said_with_its_line(project: Project) -> None:
    """The rest of the project is none the worse. AS-01"""
    project.task_module("\n@task\ndef loose(*names: str) -> None: ...\n", "loose")
    project.file("tasks/mine.py", FUNCTIONS)
    project.job({"a": "loose"})

    finished = project.command("validate", "job.yaml").wait()

    assert finished.status == 3
    assert "tasks/loose.py:3" in finished.err
    assert "takes `*names`" in finished.err
    project.job({"a": "numbers"})
    assert project.command("validate", "job.yaml").wait().status == 0


def test_an_exception_of_a_function_shows_the_user_his_own_code(project: Project) -> None:
    """The traceback begins in the function. F2-02"""
    project.task_module("\n@task\ndef breaks() -> None:\n    raise LookupError('no rows')\n")
    project.job({"a": "breaks"})

    finished = project.run()

    assert finished.outcome("a")["place"][1] == 5
    assert "flowrun/" not in finished.outcome("a")["traceback"]


LOADED = """
import sys
from flowrun.cli.main import perform

assert perform(["run", "-q", "job.yaml"]) == 0
print(sorted(name for name in sys.modules if name.startswith(("flowrun.functions", "flowrun.annotations"))))
"""


def test_a_job_of_classes_loads_nothing_for_functions(project: Project) -> None:
    """Neither what reads signatures nor what makes classes of them."""
    project.job({"a": "Step"})

    assert project.python("-c", LOADED).wait().out == "[]\n"


REFERRING = """
from typing import Annotated
from flowrun.task import Result, task

@task
def users() -> dict[str, list[str]]:
    return {"names": ["ann"]}

@task
def mails(
    names: Annotated[list[str], Result("users", "names")],
    first: Annotated[str, Result(users, "names", 0)],
) -> int:
    return len(names)

@task
def counts(
    names: Annotated[int, Result(users, "names")],
) -> None: ...
"""


def test_a_result_on_a_parameter_is_a_dependency(project: Project) -> None:
    """By the name of the task or by the function, whatever the task is called that performs it. AS-14"""
    project.file("tasks/referring.py", REFERRING)
    project.job({"send": "mails", "users": "users"})

    graph = json.loads(project.command("graph", "job.yaml", "--json").wait().out)

    assert {task["name"]: task["dependencies"] for task in graph["tasks"]} == {"send": ["users"], "users": []}


def test_a_result_on_a_parameter_is_checked_like_any_reference(project: Project) -> None:
    """Both places are named: that of the parameter and that of what returns it. AS-14"""
    project.file("tasks/referring.py", REFERRING)
    project.job({"people": "users", "wrong": "counts", "lost": "mails"})

    said = project.command("validate", "job.yaml").wait().err

    assert "takes int, and `tasks.people.result.names` is list[str]" in said
    assert 'declared in tasks/referring.py:18 as `names: Annotated[int, Result(users, "names")]`' in said
    assert "as declared in tasks/referring.py:6" in said
    assert "task `lost`: no task is named `users`" in said
