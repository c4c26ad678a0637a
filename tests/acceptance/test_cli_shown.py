"""How a run is shown: lines, quiet, prefixed, JSON, and what comes on request."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

TALKS = """
@task
class Talks(Task):
    fails: bool = False

    def run(self) -> None:
        print("said", "by", "a", "task")
        if self.fails:
            raise ValueError("planned")
"""
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def talking(project: Project) -> Project:
    """A job of two tasks that print; the second depends on the first."""
    project.task_module(TALKS)
    project.job({"a": "Talks", "b": {"task": "Talks", "dependencies": ["a"]}})
    return project


@pytest.fixture
def failing(talking: Project) -> Project:
    """The same, but the first task fails."""
    talking.job({"a": {"task": "Talks", "parameters": {"fails": True}}, "b": {"task": "Talks", "dependencies": ["a"]}})
    return talking


def test_without_a_terminal_each_event_is_a_line(talking: Project) -> None:
    """Time stamp, verb, task; nothing of the tasks' output, nothing on stdout, no noise. FM-14, FM-82"""
    done = talking.run("--output=auto")

    assert (done.status, done.out) == (0, "")
    lines = done.err.splitlines()
    assert re.fullmatch(r"flowrun [0-9.]+ · job · run [0-9a-f]+ · 2 tasks · job\.yaml", lines[0])
    assert [re.sub(STAMP, "STAMP", re.sub(r"[\d.]+s$", "T", line)) for line in lines[1:-1]] == [
        "STAMP started a",
        "STAMP completed a T",
        "STAMP started b",
        "STAMP completed b T",
    ]
    assert re.fullmatch(r"✓ job completed in [\d.]+s · 2 completed · run [0-9a-f]+", lines[-1])


@pytest.mark.parametrize("option", ["-q", "--output=quiet"])
def test_quiet_is_silent_when_all_is_well(talking: Project, option: str) -> None:
    """A cron job that completes sends no mail."""
    done = talking.run("--output=auto" if option == "-q" else option, option)

    assert (done.status, done.text) == (0, "")


def test_quiet_speaks_up_about_a_failure(failing: Project) -> None:
    """The block at the end, and only that."""
    done = failing.run("--output=quiet")

    assert done.status == 1
    assert done.err.startswith("✗ job failed")
    assert "started a" not in done.err


def test_the_block_at_the_end_names_cause_place_output_and_the_way_on(failing: Project) -> None:
    """What somebody needs at two in the morning, at the bottom of the screen. FM-17"""
    done = failing.run("--output=lines")

    assert "1 failed · 1 blocked" in done.err
    assert "root cause   a   attempt 1 of 1   raised" in done.err
    assert 'raise ValueError("planned")' in done.err
    assert "tasks/mine.py:10" in done.err
    assert "ValueError: planned" in done.err
    assert "    | said by a task" in done.err
    assert "blocked      b" in done.err
    assert re.search(r"-j job.yaml -r [0-9a-f]{8}     \(2 to run, 0 kept\)", done.err)


def test_the_full_log_is_where_the_block_says(failing: Project) -> None:
    """The path leads to the file of this run."""
    failing.run("--output=lines")
    done = failing.run("--output=lines")

    found = re.search(r"full log +(\S+)", done.err)
    assert found
    assert "said by a task" in (failing.root / found[1]).read_text()


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--output=prefixed"], ["a | said by a task", "started a"]),
        (["--output=quiet", "--show-logs=all"], ["a | said by a task"]),
        (["--output=lines", "--show-logs=failed"], ["    | said by a task"]),
        (["--output=lines", "--show-logs=none"], []),
    ],
)
def test_output_of_tasks_is_shown_as_asked(failing: Project, options: list[str], shown: list[str]) -> None:
    """All of it as it comes, the last lines of what failed, or nothing."""
    done = failing.run(*options)

    assert [text for text in shown if text not in done.err] == []
    assert ("said by a task" in done.err) == bool(shown)


def test_json_has_every_transition_and_the_report(talking: Project) -> None:
    """One object a line on stdout, the report last, with the exit status. FM-66, FM-94"""
    done = talking.run("--output=json", "--skip=b")

    records = [json.loads(line) for line in done.out.splitlines()]
    assert {record["event"] for record in records[:-1]} == {"ExecutionStateTransition"}
    assert records[-1]["event"] == "Report"
    assert done.report["exit_status"] == 0
    assert done.states == {"a": "COMPLETED", "b": "SKIP"}
    assert done.moves("b") == "_PS"


def test_debug_shows_each_transition_once_and_in_order(talking: Project) -> None:
    """Task, from, to. FM-05"""
    done = talking.run("--output=quiet", "--debug")

    assert [line.partition(" ")[2] for line in done.err.splitlines()] == [
        "a: INIT -> PENDING",
        "b: INIT -> PENDING",
        "a: PENDING -> RUNNING",
        "a: RUNNING -> COMPLETED",
        "b: PENDING -> RUNNING",
        "b: RUNNING -> COMPLETED",
    ]


def test_verbose_names_what_was_read(talking: Project) -> None:
    """Files and modules, which nobody sees otherwise. FM-14"""
    talking.file("more.yaml", "tasks: {c: {task: Talks}}\n")
    talking.job({"a": "Talks"}, include=["./more.yaml"])

    verbose, plain = talking.run("--output=lines", "-v"), talking.run("--output=lines")

    assert "read job.yaml\nread more.yaml\n" in verbose.err
    assert "imported tasks.mine\n" in verbose.err
    assert "imported" not in plain.err
    assert "job.yaml (+1 include)" in plain.err


@pytest.mark.parametrize(
    ("level", "options", "levels"),
    [
        ("debug", [], ["debug", "debug", "info", "warning", "warning"]),
        ("warning", [], ["warning", "warning"]),
        ("", ["--log-format=json"], ["info", "warning", "warning"]),
    ],
)
def test_the_own_log_has_levels(failing: Project, level: str, options: list[str], levels: list[str]) -> None:
    """FLOWRUN_LOG chooses the level, `--log-format` alone means info."""
    failing.environment["FLOWRUN_LOG"] = level

    done = failing.run("--output=json", "--log-format=json", *options)

    entries = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    assert [entry["level"] for entry in entries] == levels
    assert entries[-1]["to"] == "DEFAULTED"


def test_the_own_log_for_people(talking: Project) -> None:
    """Keys and values in one line."""
    talking.environment["FLOWRUN_LOG"] = "info"

    done = talking.run("--output=quiet")

    assert re.search(r"level=info event=transition job=job task=a from=PENDING to=RUNNING", done.err)


def test_colours_come_when_they_are_asked_for(talking: Project) -> None:
    """`--color always` stands above NO_COLOR."""
    assert "\x1b[32m" in talking.run("--output=lines", "--color=always").err
    assert "\x1b" not in talking.run("--output=lines").err


def test_signs_are_left_out_where_they_cannot_be_written(talking: Project) -> None:
    """ASCII is enough to understand everything. O-09"""
    talking.environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    done = talking.run("--output=lines")

    assert done.status == 0
    assert done.err.isascii()
    assert "job completed in" in done.err


def test_a_module_that_breaks_is_named_though_the_job_runs(talking: Project) -> None:
    """A warning with the place, before anything starts. FM-48"""
    talking.task_module("import surely_not_installed\n", "spark")

    done = talking.run("--output=lines")

    assert done.status == 0
    assert done.err.startswith("warning FR401: module tasks/spark.py cannot be imported\n")
    assert "tasks/spark.py:2" in done.err
