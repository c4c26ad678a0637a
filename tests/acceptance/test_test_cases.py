"""A job can be tested: in Python, with pytest, and by cases in YAML."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import pytest

from flowrun import Job, Result
from flowrun.errors import DefinitionError, UsageError
from flowrun.testing import FakeClock, RecordingLogger, TemporaryProject, run_job

from ..project import Project

TASKS = """
from typing import Annotated

from flowrun.task import Result, Task, task


@task
class Load(Task):
    day: str
    rows: int = 2

    def run(self) -> list[int]:
        open("touched", "w").close()
        print("loading", self.day)
        return list(range(self.rows))


@task
def total(rows: Annotated[list[int], Result("load")], factor: int = 1) -> int:
    print("adding", len(rows))
    return sum(rows) * factor


@task
def unsteady() -> None:
    raise ConnectionError("no route")
"""

JOB = """
config: {name: nightly}
tasks:
  load: {task: Load, parameters: {day: "$VAR{day:monday}"}}
  total: {task: total}
  send: {task: unsteady, dependencies: [total], max_attempts: 3, backoff: {first: 2s, factor: 2}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> TemporaryProject:
    """A project with a job that cannot complete."""
    shop = TemporaryProject(tmp_path)
    shop.write("tasks/shop.py", TASKS)
    shop.write("jobs/nightly.yaml", JOB)
    return shop


def test_stubs_stand_in_for_tasks(shop: TemporaryProject) -> None:
    """By value, by function and by exception; what is stubbed does not run, and nothing is written. FM-88"""
    log = RecordingLogger()

    report = shop.run(
        "jobs/nightly.yaml",
        stubs={"load": [1, 2, 3], "send": lambda: "sent"},
        loggers=[log],
    )

    assert report.is_completed
    assert report.values == {"load": "[1,2,3]", "total": "6", "send": '"sent"'}
    assert log.lines() == ["adding 3"]
    assert sorted(os.listdir(shop.root)) == ["jobs", "tasks"]


def test_a_stub_is_given_the_parameters_of_its_task(shop: TemporaryProject) -> None:
    """Filled in and checked as the class has them; `async` functions are awaited. FM-88"""

    async def load(day: str, rows: int) -> list[int]:
        return [len(day)] * rows

    report = shop.run(
        "jobs/nightly.yaml",
        vars={"day": "sunday"},
        stubs={"load": load, "total": lambda rows, factor: f"{rows} times {factor}", "send": None},
    )

    assert report.values == {"load": "[6,6]", "total": '"[6, 6] times 1"'}


def test_pauses_are_noted_instead_of_waited_for(shop: TemporaryProject) -> None:
    """The clock of a test goes on by the pauses, and by nothing else. FM-88"""
    clock = FakeClock()
    began = clock.now()

    report = shop.run("jobs/nightly.yaml", clock=clock)

    assert report.started == began
    assert report.tasks["send"].attempts == 3
    assert clock.pauses == {"send": [2.0, 4.0]}
    assert (clock.now() - began).total_seconds() == 6.0


def test_an_exception_fails_the_task_in_whose_place_it_stands(shop: TemporaryProject) -> None:
    """With its own name, so that `retry_on` can be tried."""
    report = shop.run("jobs/nightly.yaml", stubs={"load": TimeoutError("slow")})

    assert report.root_cause is not None
    assert report.root_cause.outcome is not None
    assert report.root_cause.outcome.message == "TimeoutError: slow"
    assert report.named() == []
    assert report.exit_status == 1


def test_items_of_a_fan_have_stubs_too(shop: TemporaryProject) -> None:
    """One for all items, and one for a single item above it."""
    fan = {"task": "total", "foreach": [1, 2, 3], "parameters": {"rows": [0], "factor": "${{ item }}"}}

    report = run_job(
        {"tasks": {"fan": fan}},
        root=shop.root,
        stubs={"fan": lambda rows, factor: factor * 10, "fan[2]": "two"},
    )

    assert report.values["fan"] == '[10,"two",30]'


def test_a_job_with_mistakes_and_a_stub_for_nothing_are_refused(shop: TemporaryProject) -> None:
    """As they would be outside of a test; a group has no result of its own to stand in for. FM-95"""
    with pytest.raises(DefinitionError, match="Lod"):
        run_job({"tasks": {"load": {"task": "Lod"}}}, root=shop.root)
    with pytest.raises(UsageError, match="did you mean 'load'"):
        shop.run("jobs/nightly.yaml", stubs={"laod": 1})
    with pytest.raises(UsageError, match="stubs for its members"):
        run_job({"tasks": {"all": {"serial": {"a": {"task": "unsteady"}}}}}, root=shop.root, stubs={"all": 1})


def test_secrets_and_variables_of_a_test_are_its_own(shop: TemporaryProject) -> None:
    """The environment is as it was afterwards."""
    shop.write(
        "tasks/more.py",
        "import os\nfrom flowrun.task import task\n\n@task\ndef tell():\n    return os.environ['KEY_OF_TEST']\n",
    )
    job = {"tasks": {"tell": {"task": "tell", "secrets": ["KEY_OF_TEST"]}}}

    report = run_job(job, root=shop.root, env={"KEY_OF_TEST": "open sesame"})

    assert report.values == {"tell": '"open sesame"'}
    assert "KEY_OF_TEST" not in os.environ


def test_a_job_in_python_has_stubs_too(shop: TemporaryProject) -> None:
    """It is the same job. AS-14"""
    job = Job("python", root=shop.root)

    @job.task
    def load() -> list[int]:
        raise ConnectionError

    @job.task(depends_on=[load])
    def count(rows: Annotated[list[int], Result("load")]) -> int:
        return len(rows)

    report = run_job(job, stubs={"load": [1, 2, 3]})

    assert report.result("count") == 3


def in_project(project: Project) -> Project:
    """The same project for the command line."""
    project.file("tasks/shop.py", TASKS)
    project.file("jobs/nightly.yaml", JOB)
    return project


def test_pytest_has_fixtures(project: Project) -> None:
    """`flowrun_run_task`, `flowrun_run_job` and `flowrun_project`, wherever flowrun is installed."""
    in_project(project).file("tasks/__init__.py")
    project.file(
        "test_shop.py",
        """
import pytest


def test_task(flowrun_run_task):
    from tasks.shop import total

    assert flowrun_run_task(total, results={"load": [1, 2]}).result == 3


def test_job(flowrun_run_job):
    assert flowrun_run_job("jobs/nightly.yaml", stubs={"send": None}).is_completed


def test_project(flowrun_project):
    flowrun_project.write("tasks/one.py", '''
        from flowrun.task import task

        @task
        def one():
            return 1
    ''')
    flowrun_project.write("job.yaml", "tasks: {a: {task: one}}")
    assert flowrun_project.run("job.yaml").values == {"a": "1"}
""",
    )
    is_installed = any(it.value == "flowrun.pytest_fixtures" for it in entry_points(group="pytest11"))
    by_hand = () if is_installed else ("-p", "flowrun.pytest_fixtures")

    done = project.python("-m", "pytest", "-q", *by_hand, "-p", "no:cacheprovider", "test_shop.py").wait()

    assert (done.status, "3 passed" in done.out) == (0, True), done


CASES = """\
job: ../jobs/nightly.yaml
stubs: {send: sent}
cases:
  adds up what it loads:
    vars: {day: sunday}
    expect:
      states: {total: COMPLETED}
      results: {total: 1}
      order: [load, total, send]
      lines: {load: loading sunday}
  says so if the mail cannot be sent:
    fails: {send: "ConnectionError: no route"}
    expect:
      states: {send: FAILED, total: COMPLETED}
  completes:
"""


def test_cases_in_yaml_are_run(project: Project) -> None:
    """Below tests/, without being named; nothing is left behind. Issue 3, 4"""
    in_project(project).file("tests/nightly.test.yaml", CASES)

    done = project.command("test", "--junit", "cases.xml").wait()

    assert (done.status, done.err.splitlines()[-1]) == (0, "3 passed"), done
    assert 'tests="3" failures="0" errors="0"' in (project.root / "cases.xml").read_text()
    assert not (project.root / ".flowrun").exists()


def test_a_case_that_fails_shows_what_was_expected_and_where(project: Project) -> None:
    """Expected and found, each difference with its line, and why a task failed. Issue 3, 4"""
    wrong = CASES.replace("total: 1}", "total: {rows: 3}}").replace(
        "  completes:", "  completes:\n    stubs: {load: x}"
    )
    in_project(project).file("tests/nightly.test.yaml", wrong)

    done = project.command("test").wait()

    assert done.status == 1
    lines = done.err.splitlines()
    assert "  results.total   tests/nightly.test.yaml:8" in lines
    assert lines[lines.index('    - {"rows": 3}') + 1] == "    + 1"
    assert any(line.startswith("  states.total   tests/nightly.test.yaml:16   ") and "list" in line for line in lines)
    assert lines[-1] == "1 passed, 2 failed"


def test_some_cases_are_chosen_and_brought_up_to_date(project: Project) -> None:
    """`-k` chooses by name, `--update` writes what was found and leaves everything else. Issue 3, 4"""
    path = in_project(project).file("tests/nightly.test.yaml", CASES.replace("total: 1}", "total: 7}   # rows"))

    updated = project.command("test", "-k", "adds and not mail or nothing", "--update").wait()
    again = project.command("test", "tests").wait()

    assert (updated.status, updated.err.splitlines()[-1]) == (0, "1 passed"), updated
    assert path.read_text() == CASES.replace("total: 1}", "total: 1}   # rows")
    assert again.status == 0


@pytest.mark.parametrize(
    ("cases", "arguments", "status", "said"),
    [
        (CASES.replace("stubs", "stub"), (), 3, "`stub`: there is no such key here"),
        (CASES.replace("../jobs", "../job"), (), 1, "cannot read"),
        (CASES.replace("../jobs/nightly.yaml", "nigthly"), (), 3, "did you mean `nightly`?"),
        (CASES, ("-k", "nothing"), 2, "no case fits"),
        (CASES, ("jobs",), 2, "there is no file of test cases"),
        (CASES, ("gone.test.yaml",), 3, "there is no such file"),
        (CASES.replace("stubs: {send", "stubs: {sned"), (), 1, "did you mean 'send'?"),
    ],
)
def test_what_cannot_be_tested_is_said(
    project: Project, cases: str, arguments: tuple[str, ...], status: int, said: str
) -> None:
    """Mistakes of a file end with 3, wrong options with 2, and what only one case suffers from with 1."""
    in_project(project).file("tests/nightly.test.yaml", cases)

    done = project.command("test", *arguments).wait()

    assert (done.status, said in done.text) == (status, True), done


def test_secrets_of_a_case_are_hidden(project: Project) -> None:
    """In what was found, which is shown and may be written into the file."""
    tell = "import os\nfrom flowrun.task import task\n\n@task\ndef tell():\n    return 'key ' + os.environ['KEY']\n"
    project.file("tasks/tell.py", tell)
    project.file("jobs/tell.yaml", "tasks: {tell: {task: tell, secrets: [KEY]}}\n")
    case = "job: tell\nenv: {KEY: open sesame}\ncases: {tells: {expect: {results: {tell: nothing}}}}\n"
    path = project.file("tests/tell.test.yaml", case)

    done = project.command("test", "--update").wait()

    assert (done.status, "sesame" in done.text) == (0, False)
    assert path.read_text() == case.replace("nothing", '"key ***"')


def test_a_job_that_is_to_be_refused_is_tested_too(project: Project) -> None:
    """By the codes of its problems. FM-95"""
    project.file("jobs/bad.yaml", "tasks: {load: {task: Lod}}\n")
    project.file("tests/bad.test.yaml", "job: bad\ncases: {is refused: {expect: {problems: [FR402]}}}\n")

    assert project.command("test").wait().status == 0
