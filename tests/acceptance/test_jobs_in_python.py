"""A job in Python runs from the command line as a job file does, and inside a program."""

from __future__ import annotations

import pytest
import yaml

from ..project import Project

NIGHTLY = """
from typing import Annotated

from flowrun import Job, Result
from flowrun.task import task

job = Job("nightly", vars={"day": "monday"})
no_job = 3


@job.task
@task
async def load() -> dict[str, int]:
    print("loading")
    return {"rows": 3}


@job.task(max_attempts=2)
@task
def double(rows: Annotated[int, Result(load, "rows")], fails: bool = False) -> int:
    if fails:
        raise ValueError("planned")
    return rows * 2


@task
def tell(what: str) -> str:
    return what


job.add(tell, parameters={"what": "${{ vars.day }} ${{ tasks.double.result }}"})

wrong = Job("wrong")
wrong.add(double, name="again", parameters={"rows": "many"})
"""


@pytest.fixture
def nightly(project: Project) -> Project:
    project.file("nightly.py", NIGHTLY)
    return project


@pytest.mark.parametrize("address", ["nightly:job", "nightly.py:job", "./nightly.py:job"])
def test_a_job_is_named_by_its_module_or_file(nightly: Project, address: str) -> None:
    """X-AS-12, issue 3: `flowrun -j module:job` with an exit status, logs and all."""
    done = nightly.run(job=address)

    assert done.status == 0
    assert done.states == {"load": "COMPLETED", "double": "COMPLETED", "tell": "COMPLETED"}
    assert nightly.log_lines("load") == [("INFO", "loading")]


def test_every_option_of_a_run_holds_for_it(nightly: Project) -> None:
    """AS-08, AS-23: selection, variables, restart."""
    assert nightly.run("--run-to", "load", job="nightly:job").states == {
        "load": "COMPLETED",
        "double": "SKIP",
        "tell": "SKIP",
    }
    shown = nightly.command("plan", "nightly:job").wait()
    assert shown.status == 0
    assert "load, double, tell" in shown.out


def test_a_failed_job_is_continued(nightly: Project) -> None:
    """What completed stays completed after the file was mended."""
    nightly.file("nightly.py", NIGHTLY.replace("fails: bool = False", "fails: bool = True"))
    failed = nightly.run(job="nightly:job")
    assert failed.status == 1
    assert failed.task("double")["attempts"] == 2
    assert [one["will_retry"] for one in failed.task("double")["attempt_reports"]] == [True, False]

    nightly.file("nightly.py", NIGHTLY)
    done = nightly.run("-r", job="nightly:job")
    assert done.status == 0
    assert done.task("load")["kept"]


def test_mistakes_are_told_with_the_line_of_the_python_file(nightly: Project) -> None:
    """AS-18: place, what was found, what is allowed."""
    done = nightly.run(job="nightly:wrong")

    assert done.status == 3
    assert "--> nightly.py:" in done.err
    assert "again" in done.err
    assert 'found text "many"' in done.err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nightly:jobb", "`jobb` does not exist; jobs in nightly: job, wrong"),
        ("nightly:no_job", "`no_job` is no `Job`"),
        ("nowhere:job", "there is no module 'nowhere'"),
        ("nowhere.py:job", "there is no file"),
    ],
)
def test_a_job_that_is_not_there_is_a_usage_error(nightly: Project, address: str, said: str) -> None:
    """Without a traceback, and with what there is."""
    done = nightly.run(job=address)

    assert done.status == 2
    assert said in done.err
    assert "Traceback" not in done.text


def test_a_module_that_cannot_be_imported_is_told_with_its_line(project: Project) -> None:
    project.file("broken.py", "x = 1\nraise RuntimeError('not today')\n")

    done = project.run(job="broken:job")

    assert done.status == 3
    assert "FR413" in done.err
    assert "RuntimeError: not today" in done.err
    assert "broken.py:2" in done.err


def test_a_job_is_exported_as_a_file_that_runs(nightly: Project) -> None:
    """`flowrun export` writes YAML; functions with `@task` are found by it."""
    exported = nightly.command("export", "nightly:job").wait()
    assert exported.status == 0
    definition = yaml.safe_load(exported.out)
    assert list(definition["tasks"]) == ["load", "double", "tell"]

    nightly.file("tasks/nightly.py", "from nightly import double, load, tell\n")
    nightly.file("job.yaml", exported.out)
    nightly.environment["PYTHONPATH"] += f":{nightly.root}"
    assert nightly.run().states == dict.fromkeys(["load", "double", "tell"], "COMPLETED")


def test_a_program_has_processes_beside_its_threads(project: Project) -> None:
    """AS-02, X-AS-07: `executor="process"` inside of a running loop, with other threads about."""
    project.file(
        "program.py",
        """
import asyncio
import os
from datetime import date
from typing import Annotated

from pydantic import BaseModel

from flowrun import Job, Result


class Rows(BaseModel):
    count: int


job = Job("mixed")


@job.task
def rows() -> Rows:
    return Rows(count=2)


@job.task(executor="process")
def more(it: Annotated[Rows, Result(rows)]) -> Rows:
    return Rows(count=it.count + 1)


@job.task(executor="process")
def pid() -> int:
    return os.getpid()


@job.task(executor="process", parameters={"day": date(2026, 1, 2), "rows": [Rows(count=1)]})
def values(day: date, rows: list[Rows]) -> str:
    return f"{day} {rows[0].count}"


@job.task
def thread() -> int:
    return os.getpid()


async def main() -> None:
    for _ in range(2):
        await asyncio.to_thread(len, "a thread of the program")
        report = await job.run()
        report.raise_for_failures()
        assert report["values"] == "2026-01-02 1"
        assert report["more"] == Rows(count=3)
        assert report["pid"] != os.getpid() == report["thread"]
    print("both")


if __name__ == "__main__":
    asyncio.run(main())
""",
    )
    done = project.python("program.py").wait()

    assert (done.status, done.out) == (0, "both\n"), str(done)


def test_processes_find_what_the_project_has(project: Project) -> None:
    """A class that is named and not brought along is found there too, by a new interpreter."""
    project.task_module("@task\ndef parent() -> int:\n    return os.getppid()\n")
    project.file(
        "program.py",
        """
import asyncio
import os

from flowrun import Job

job = Job("named")
job.add("parent", executor="process")


async def main() -> None:
    await asyncio.to_thread(len, "a thread of the program")
    print((await job.run(raises=True))["parent"] not in (os.getpid(), os.getppid()))


asyncio.run(main())
""",
    )
    done = project.python("program.py").wait()

    assert (done.status, done.out) == (0, "True\n"), str(done)


def test_code_that_must_not_be_forked_is_found_by_each_new_interpreter(project: Project) -> None:
    """`start_method: spawn` needs no `@task` above a function either, in a program and from the command line."""
    project.file(
        "program.py",
        """
import os

from flowrun import Job

job = Job("spawned", start_method="spawn")


@job.task(executor="process")
def pid() -> int:
    return os.getpid()


if __name__ == "__main__":
    print(job.run_sync(raises=True)["pid"] != os.getpid())
""",
    )
    done = project.python("program.py").wait()

    assert (done.status, done.out) == (0, "True\n"), str(done)
    assert project.run(job="program:job").states == {"pid": "COMPLETED"}
