"""In CI: what tasks print stands together, and the reports that CI systems read are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project


@pytest.fixture
def failing(project: Project) -> Project:
    """A task that speaks and fails, and one that waits for it."""
    project.task_module(
        """
@task
class Speaks(Traced):
    def run(self) -> None:
        print("hello")
        print("::error::not mine")
        raise ValueError("planned")
"""
    )
    project.job({"a": "Speaks", "b": {"task": "Step", "dependencies": ["a"]}})
    return project


def run_in(project: Project, *arguments: str, **environment: str) -> Finished:
    project.environment.update(environment)
    return project.command("job.yaml", *arguments).wait()


def test_output_of_a_task_stands_together_in_ci(failing: Project) -> None:
    """Under a title, beside a line for each thing that happens."""
    done = run_in(failing, CI="true")

    assert done.status == 1
    assert "output of a\n  | hello\n  | ::error::not mine\n" in done.err
    assert " started a\n" in done.err
    assert "::group::" not in done.err


def test_github_gets_folds_annotations_and_a_summary(failing: Project) -> None:
    """No line of a task is taken for a command of ours."""
    summary = failing.root / "summary.md"

    done = run_in(failing, CI="true", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))

    assert "::group::output of a\n  | hello\n" in done.err
    assert [line for line in done.err.splitlines() if line.startswith("::error")] == [
        "::error file=tasks/mine.py,line=8,title=task a::ValueError: planned"
    ]
    assert summary.read_text().startswith("### ✗ job failed in ")


def errors_in(done: Finished) -> list[str]:
    return [line for line in done.err.splitlines() if line.startswith("::")]


def test_what_failed_at_no_line_of_python_is_shown_in_the_job_file(project: Project) -> None:
    """A task that took too long, and one of its items: where the task stands."""
    waits = {"task": "Step", "parameters": {"waits_for": "never"}, "timeout": 0.2}
    text = f"tasks:\n  slow: {json.dumps(waits)}\n  many: {json.dumps({**waits, 'foreach': [1]})}\n"
    (project.root / "job.yaml").write_text(text)

    done = run_in(project, "--ci", "github")

    assert done.status == 1
    assert sorted(line.partition("::t")[0] for line in errors_in(done) if line.startswith("::error")) == [
        "::error file=job.yaml,line=2,col=3,title=task slow",
        "::error file=job.yaml,line=3,col=3,title=task many[1]",
    ]


def test_github_gets_mistakes_of_a_job_file_at_their_lines(project: Project) -> None:
    """Beside what a person reads; just where GitHub reads it."""
    (project.root / "job.yaml").write_text("tasks:\n  a: {task: No}\n  b: {task: Step, dependencies: [c]}\n")

    done, restart = run_in(project, GITHUB_ACTIONS="true"), run_in(project, "-r")
    refused = run_in(project, "--ci", "none")

    assert [line.split("::")[1] for line in errors_in(done)] == [
        "error file=job.yaml,line=2,col=13,title=FR402",
        "error file=job.yaml,line=3,col=34,title=FR302",
    ]
    assert errors_in(restart) == errors_in(done)
    assert (done.status, refused.status, errors_in(refused)) == (3, 3, [])
    assert "no task class or function is called `No`" in done.err.partition("title=FR302")[2]


def test_github_gets_warnings_too(project: Project) -> None:
    """Of a job that runs; where GitHub does not read, none."""
    project.job({"a": "Step"})

    warned, plain = (run_in(project, "--var", "nobody=1", "--ci", one) for one in ("github", "none"))

    assert (warned.status, plain.status) == (0, 0)
    assert [line.partition("title=")[2][:7] for line in errors_in(warned) if "::warning" in line] == ["FR114::"]
    assert errors_in(plain) == []


def test_github_can_be_refused_and_asked_for(failing: Project) -> None:
    """`--ci` stands above the environment."""
    assert "\n::error" not in run_in(failing, "--ci", "none", GITHUB_ACTIONS="true").err
    assert "\n::error file=" in run_in(failing, "--ci", "github").err


def test_reports_are_files(failing: Project) -> None:
    """JUnit XML and Markdown, beside whatever is shown."""
    done = run_in(failing, "-q", "--junit", "reports/junit.xml", "--summary", "reports/summary.md")

    suite = ElementTree.parse(failing.root / "reports" / "junit.xml").getroot()[0]
    assert [(case.get("name"), case[0].tag) for case in suite] == [("a", "failure"), ("b", "skipped")]
    assert "Root cause: **a** at tasks/mine.py:" in (failing.root / "reports" / "summary.md").read_text()
    assert done.status == 1


def test_a_report_that_cannot_be_written_changes_no_status(project: Project) -> None:
    """It is named."""
    project.job({"a": "Step"})
    project.file("reports")

    done = project.command("job.yaml", "--junit", "reports/junit.xml").wait()

    assert done.status == 0
    assert "reports/junit.xml cannot be written" in done.err


def test_json_tells_of_hooks_logs_and_stops(project: Project) -> None:
    """What went wrong after the end of a task, and where all that it said is."""
    project.task_module(
        """
@task
class Untidy(Traced):
    def run(self) -> None:
        print("hello", flush=True)
        raise ValueError("planned")

    def on_destroy(self) -> None:
        raise OSError("cannot tidy up")
"""
    )
    project.job({"a": "Untidy", "b": "Busy"}, config={"deadline": 1})

    done = project.run()

    task = done.task("a")
    assert "hello" in Path(task["log"]).read_text()
    assert "cannot tidy up" in str(task["outcome"]["hook_errors"])
    assert done.task("b")["log"] is None
    assert '"event": "JobStopping"' in done.out
    assert '"why": "deadline"' in done.out
