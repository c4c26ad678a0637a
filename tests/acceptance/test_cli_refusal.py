"""A job that cannot run is refused in words that help, before anything has run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

TWO_TASKS = """\
config: {name: job}
tasks:
  first:
    task: Step
  second:
    task: Step
    dependencies: [first]
"""


def test_all_mistakes_are_shown_with_caret_and_suggestion(project: Project) -> None:
    """Place, line, caret, what was meant; all of them, and a count. FM-18, FM-19, FM-20"""
    project.job(TWO_TASKS.replace("[first]", "[frist]").replace("task: Step", "task: Stepp", 1) + "  thrid: {}\n")

    done = project.run("--output=auto")

    assert (done.status, done.out) == (3, "")
    assert " --> job.yaml:4:11\n  |\n3 |   first:\n4 |     task: Stepp\n  |           ^^^^^\n" in done.err
    assert "`Step`" in done.err
    assert "job.yaml:7:20" in done.err
    assert "did you mean `first`?" in done.err
    assert "3 errors" in done.err
    assert project.marks() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "tasks: [\n",
        "tasks: {a: {task: \x1b[2J}}\n",
        "tasks:\n" + "".join(f"  {'x' * 200}{n}: {{task: {'y' * 300}{n}}}\n" for n in range(2000)),
        "tasks: {a: " + "[" * 5000 + "]" * 5000 + "}\n",
    ],
)
def test_a_refusal_is_short_and_harmless(project: Project, text: str) -> None:
    """Status 3, at most 8,000 characters, no traceback, no control characters."""
    project.job(text)

    done = project.run("--output=auto")

    assert done.status == 3
    assert "job.yaml" in done.err
    assert len(done.text) < 8000
    assert "Traceback" not in done.text
    assert "\x1b" not in done.text


@pytest.mark.parametrize("content", ["secret-line\n", "- secret-line\n", "root:secret-line:0\n\t: : {[\n"])
def test_an_included_file_that_is_no_job_is_not_printed(project: Project, content: str) -> None:
    """An error message is no way to read other people's files. B-24"""
    (project.aside / "foreign.conf").write_text(content)
    project.job(f"include: [{project.aside}/foreign.conf]\n{TWO_TASKS}")

    done = project.run("--output=auto")

    assert done.status == 3
    assert "foreign.conf" in done.err
    assert "secret-line" not in done.text


def test_a_pipe_as_a_job_is_refused_at_once(project: Project) -> None:
    """Nobody waits for a writer that never comes. FM-46"""
    os.mkfifo(project.root / "job.yaml")

    done = project.run("--output=auto", seconds=30)

    assert done.status == 3
    assert "not a regular file" in done.err


def test_validate_says_the_same_as_run(project: Project) -> None:
    """What a colleague sees in CI is what the run would have said."""
    project.job(TWO_TASKS.replace("[first]", "[frist]"))

    assert project.command("validate", "job.yaml").wait().err == project.run("--output=auto").err
