"""Ways to say which job is to run, and what the command loads for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

LOADED = """
import sys
from flowrun.cli.main import perform
status = perform(sys.argv[2:])
assert status == 0, status
unwanted = set(sys.argv[1].split(",")) & set(sys.modules)
assert not unwanted, unwanted
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["jobs/only.yaml"],
        ["-j", "jobs/only.yaml"],
        ["--jobdef", "jobs/only.yaml"],
        ["run", "jobs/only.yaml"],
        ["run"],
        [],
        ["run", "-C", "."],
    ],
)
def test_a_job_is_named_in_any_of_these_ways(project: Project, arguments: list[str]) -> None:
    """`run` needs not be said, and the only file in jobs/ needs no name. FM-01, FM-02"""
    project.job({"a": "Step"}, file="jobs/only.yaml")

    done = project.command(*arguments).wait()

    assert done.status == 0
    assert project.count("a") == 1


def test_a_job_may_come_from_standard_input(project: Project) -> None:
    """`-j -` reads it; relative paths start in the current directory."""
    path = project.job({"a": "Step"})

    with path.open() as stdin:
        done = project.command("-j", "-", "-q", stdin=stdin).wait()

    assert (done.status, done.text) == (0, "")
    assert project.count("a") == 1


def test_the_project_root_can_be_given(project: Project) -> None:
    """`-C` says where tasks/ lies, wherever the job file is. FM-13"""
    elsewhere = project.aside / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "job.yaml").write_text("tasks: {a: {task: Step}}\n")

    assert project.command("-j", "job.yaml", cwd=elsewhere).wait().status == 3
    assert project.command("-j", "job.yaml", "-C", str(project.root), cwd=elsewhere).wait().status == 0


def test_variables_come_from_the_command_line(project: Project) -> None:
    """The value may contain `=`. FM-10"""
    project.task_module("@task\nclass Says(Traced):\n    x: str\n    def run(self):\n        self.mark(self.x)\n")
    project.job({"a": {"task": "Says", "parameters": {"x": "$VAR{x}"}}})

    assert project.run("--var", "x=old", "--var", "x=a=b").status == 0
    assert "a=b" in project.hooks("a")


def test_limits_of_the_command_line_stand_above_those_of_the_file(project: Project) -> None:
    """`--max-concurrency` beats `config.max_concurrency`. FM-09"""
    project.job({f"t{n}": {"task": "Step", "parameters": {"seconds": 0.05}} for n in range(4)})

    done = project.run("--max-concurrency", "1")

    marks = [mark.what for mark in project.marks() if mark.what in ("start", "end")]
    assert done.status == 0
    assert marks == ["start", "end"] * 4


def test_the_first_failure_stops_the_job_on_request(project: Project) -> None:
    """`--fail-fast`, and `--keep-going` against what the file says."""
    tasks = {"bad": "Fails", "good": {"task": "Step", "dependencies": []}}
    project.job(tasks, config={"max_concurrency": 1, "fail_fast": True})

    assert project.run().states["good"] == "ABORTED"
    assert project.run("--keep-going").states["good"] == "COMPLETED"
    project.job(tasks, config={"max_concurrency": 1})
    assert project.run("--fail-fast").states["good"] == "ABORTED"


def test_a_deadline_ends_the_job(project: Project) -> None:
    """Status 124, and the block says why."""
    project.job({"a": "Busy"})

    done = project.run("--deadline", "300ms", "--output=lines")

    assert done.status == 124
    assert "stopped at its deadline" in done.err


def test_a_job_that_runs_already_can_be_passed_over(project: Project) -> None:
    """`--on-overlap skip` is a success that says why nothing was done."""
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    first = project.start()
    project.wait_for_mark("a")

    refused, skipped = project.run(), project.run("--on-overlap", "skip")
    project.flag.touch()

    assert (refused.status, skipped.status) == (4, 0)
    assert "already running" in skipped.err
    assert not skipped.err.startswith("error")
    assert first.wait().status == 0


def test_questions_load_little(project: Project) -> None:
    """Help, version and completion do without pydantic, yaml and asyncio."""
    unwanted = "pydantic,yaml,asyncio,rich,structlog,networkx"

    for arguments in (["--help"], ["--version"], ["run", "--help"], ["completion", "zsh"]):
        assert project.python("-c", LOADED, unwanted, *arguments).wait().err == ""


def test_a_run_loads_nothing_that_it_does_not_need(project: Project) -> None:
    """Neither graph analysis, nor a terminal library, nor mail, nor a database."""
    project.job({"a": "Step"})
    unwanted = "networkx,rich,structlog,redis,sqlite3,apprise,smtplib,http.client,urllib.request,click.testing"

    done = project.python("-c", LOADED, unwanted, "run", "-q", "job.yaml").wait()

    assert (done.status, done.err) == (0, "")


def test_completion_offers_commands_and_options(project: Project) -> None:
    """What bash asks is answered, without running anything."""

    def completed(*words: str) -> list[str]:
        project.environment |= {
            "_FLOWRUN_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["flowrun", *words]),
            "COMP_CWORD": str(len(words)),
        }
        return [line.partition(",")[2] for line in project.command().wait().out.splitlines()]

    assert completed("val") == ["validate"]
    assert completed("run", "--run-") == ["--run-to", "--run-from"]
    assert completed("run", "--on-overlap", "re") == ["refuse"]


def test_the_scaffold_works(project: Project) -> None:
    """`flowrun init`, then the commands that its files and messages name."""
    new = project.root / "new"

    assert project.command("init", "new").wait().status == 0
    for arguments in (["-j", "jobs/hello.yaml"], ["validate", "--strict", "jobs"], ["schema", "-o", ".flowrun/s.json"]):
        assert project.command(*arguments, cwd=new).wait().status == 0
    tested = project.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=new).wait()
    assert tested.status == 0, tested
