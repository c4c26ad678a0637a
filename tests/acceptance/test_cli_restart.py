"""What a restart says before it starts, and what is kept of unfinished runs."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.project import eventually

if TYPE_CHECKING:
    from tests.project import Project


@pytest.fixture
def failed(project: Project) -> Project:
    """A run of three tasks of which the second failed, and whose flag is there now."""
    project.job(
        {
            "a": "Step",
            "b": {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}, "dependencies": ["a"]},
            "c": {"task": "Step", "dependencies": ["b"]},
        }
    )
    assert project.run().status == 1
    project.flag.touch()
    return project


def test_a_restart_shows_its_plan_first(failed: Project) -> None:
    """Task by task with the reason; without a terminal nobody is asked. FM-04, FM-75"""
    done = failed.run("-r", "--output=lines")

    plan, _, events = done.err.partition("2 tasks to run, 1 kept\n")
    assert done.status == 0
    assert "with job.yaml" in plan
    assert "  keep    a\n" in plan
    assert "  rerun   b   failed\n" in plan
    assert "  rerun   c   was blocked\n" in plan
    assert "kept a" in events
    assert "3 completed · 1 of them kept" in events


def test_without_anything_to_continue_it_says_so_and_runs(project: Project) -> None:
    """`-r` on a fresh job is a new run. FM-04"""
    project.job({"a": "Step"})

    done = project.run("-r", "--output=lines")

    assert done.status == 0
    assert done.err.startswith("nothing to continue: no unfinished run of this job is kept; a new run starts\n")


def test_a_job_that_is_named_beside_r_is_in_the_command_at_the_end(project: Project) -> None:
    """`flowrun -r jobs/a.yaml` names a job, and the way on names it too. FM-04"""
    project.job({"bad": "Fails"}, file="jobs/a.yaml")
    project.job({"bad": "Fails"}, file="jobs/b.yaml")

    done = project.command("-r", "jobs/a.yaml").wait()

    assert done.status == 1
    assert " -j jobs/a.yaml -r " in done.err


def test_the_command_at_the_end_continues_the_run(project: Project) -> None:
    """Typed as it is shown, it works. FM-04"""
    project.job(
        {"a": "Step", "b": {"task": "FailsUntilFlag", "parameters": {"flag": "$VAR{flag}"}}}, file="my jobs/job 1.yaml"
    )
    variable = f"flag={project.flag}"
    shown = project.command("-j", "my jobs/job 1.yaml", "-C", ".", "--var", variable).wait().err
    project.flag.touch()

    typed = re.search(r"continue +python -m flowrun (.*?)  ", shown)
    assert typed
    done = project.command(*shlex.split(typed[1])).wait()

    assert done.status == 0
    assert project.count("a") == 1


def test_the_plan_can_be_seen_without_starting_anything(failed: Project) -> None:
    """The same rows as the restart shows, as text and as JSON; with a status of its own on request."""
    text = failed.command("plan", "job.yaml", "-r").wait()
    rows = json.loads(failed.command("plan", "job.yaml", "-r", "--json").wait().out)

    assert "  rerun   b   failed\n" in text.out
    assert rows["restart"] is True
    assert [(row["task"], row["verb"]) for row in rows["tasks"]] == [("a", "keep"), ("b", "rerun"), ("c", "rerun")]
    assert failed.command("plan", "job.yaml", "-r", "--fail-if-changes").wait().status == 10
    assert failed.command("plan", "job.yaml", "-r", "--fail-if-changes", "--skip=b", "--skip=c").wait().status == 0
    assert failed.count("b") == 1


def test_unfinished_runs_are_listed(failed: Project) -> None:
    """Id, job, start, and how many tasks stand where; as text and as JSON. FM-15"""
    text = failed.command("checkpoints").wait().out
    runs = json.loads(failed.command("checkpoints", "list", "--json", "-j", "job.yaml").wait().out)["runs"]

    assert re.fullmatch(r"[0-9a-f]+   job   started .+   1 completed, 1 failed, 1 blocked\n", text)
    assert [run["states"] for run in runs] == [{"COMPLETED": ["a"], "FAILED": ["b"], "DEFAULTED": ["c"]}]
    assert text.startswith(runs[0]["run"])


def test_unfinished_runs_are_cleared(failed: Project) -> None:
    """By a prefix of the id; a dry run clears nothing. FM-15"""
    run = failed.command("checkpoints").wait().out.split()[0]

    assert "would clear" in failed.command("checkpoints", "clear", run[:4], "--dry-run").wait().err
    assert failed.command("checkpoints", "clear", run[:4]).wait().status == 0
    again = failed.run("-r")

    assert failed.command("checkpoints", "clear", run).wait().status == 5
    assert (again.status, failed.count("a")) == (0, 2)


def test_what_to_clear_must_be_said(failed: Project) -> None:
    """Neither nothing nor both."""
    assert failed.command("checkpoints", "clear").wait().status == 2
    assert failed.command("checkpoints", "clear", "x", "--all").wait().status == 2


def test_a_run_that_goes_on_is_not_cleared(project: Project) -> None:
    """Its lock protects it. FM-15"""
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    running = project.start()
    project.wait_for_mark("a")

    refused = project.command("checkpoints", "clear", "--all").wait()
    project.flag.touch()

    assert refused.status == 4
    assert str(running.pid) in refused.err
    assert running.wait().status == 0


def test_a_task_that_runs_is_not_called_cut_off(project: Project) -> None:
    """From what is kept nobody can tell the two apart."""
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    running = project.start()
    project.wait_for_mark("a")

    listed = project.command("checkpoints").wait().out
    project.flag.touch()

    assert "1 running or cut off" in listed
    assert running.wait().status == 0


def test_a_user_checkpointer_that_cannot_list_is_asked_for_the_job(project: Project) -> None:
    """What it keeps of the job is shown. FM-76"""
    project.file(
        "extensions/mine.py",
        """
import pathlib, pickle
from flowrun.checkpointer import Checkpointer, NoCheckpointAvailableError, checkpointer

FILE = pathlib.Path(__file__).parent / "kept"

@checkpointer
class Mine(Checkpointer):
    async def write_checkpoint(self, name, content):
        FILE.write_bytes(pickle.dumps(content))

    async def read_checkpoint(self, name):
        if not FILE.exists():
            raise NoCheckpointAvailableError("none")
        return pickle.loads(FILE.read_bytes())

    async def clear_checkpoint(self, name):
        FILE.unlink()
""",
    )
    project.job({"a": "Fails"}, checkpointer={"checkpointer": "Mine"})
    assert project.run().status == 1

    assert "1 failed" in project.command("checkpoints", "-j", "job.yaml").wait().out
    assert project.command("checkpoints", "clear", "--all", "-j", "job.yaml").wait().status == 0
    assert "no unfinished run" in project.command("checkpoints", "-j", "job.yaml").wait().err


def test_a_user_checkpointer_is_listed_and_cleared(project: Project) -> None:
    """The contract is enough. FM-76"""
    project.file(
        "extensions/mine.py",
        """
import pathlib, pickle
from flowrun.checkpointer import CheckpointContents, Checkpointer, NoCheckpointAvailableError, checkpointer

FILE = pathlib.Path(__file__).parent / "kept"

@checkpointer
class Mine(Checkpointer):
    async def write_checkpoint(self, name, content):
        FILE.write_bytes(pickle.dumps(content))

    async def read_checkpoint(self, name):
        if not FILE.exists():
            raise NoCheckpointAvailableError("none")
        return pickle.loads(FILE.read_bytes())

    async def clear_checkpoint(self, name):
        FILE.unlink()

    async def list_checkpoints(self):
        return [await self.read_checkpoint("")] if FILE.exists() else []
""",
    )
    project.job({"bad": "Fails"}, checkpointer={"checkpointer": "Mine"})
    assert project.run().status == 1

    assert "1 failed" in project.command("checkpoints", "-j", "job.yaml").wait().out
    assert project.command("checkpoints", "clear", "--all", "-j", "job.yaml").wait().status == 0
    assert not (project.root / "extensions" / "kept").exists()


def test_a_signal_during_start_up_is_quiet(project: Project) -> None:
    """Whenever it comes, there is no traceback and the status says which it was. S-08, FM-22, FM-23"""
    project.task_module("import time\nopen(os.environ['MARKS'] + '.importing', 'w').close()\ntime.sleep(60)\n")
    project.job({"a": "Step"})

    for number, status in ((2, 130), (15, 143), (1, 129)):
        started = project.start("--output=auto")
        importing = project.aside / "marks.importing"
        eventually(importing.exists)
        started.signal(number)
        done = started.wait()
        importing.unlink()
        assert (done.status, done.text) == (status, "")
