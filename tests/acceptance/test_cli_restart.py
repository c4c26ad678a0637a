"""What a restart says before it starts, and what is kept of unfinished runs."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import sqlite3
import subprocess
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


def test_a_value_with_control_characters_is_pasted_as_it_was(project: Project) -> None:
    """The terminal sees none of them, and a shell reads the same value. FM-04, O-05"""
    project.job({"bad": "Fails"}, vars={"note": "none"})
    variable = "note=\x1b[31mred\nit's \\ \x9b"
    shown = project.run("--var", variable).err

    typed = re.search(r"continue +python -m flowrun (.*?)  ", shown)
    assert typed, shown
    assert not set("\x1b\x9b") & set(shown)
    words = subprocess.run(["bash", "-c", f"printf '%s\\0' {typed[1]}"], capture_output=True, check=True).stdout
    assert variable in words.decode().split("\0")


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


def test_a_run_that_is_not_kept_is_told_with_those_that_are(failed: Project) -> None:
    """The ids of the job are named, or the job that the run is of. FM-04"""
    run = failed.command("checkpoints").wait().out.split()[0]
    failed.job({"a": "Step"}, file="other.yaml", config={"name": "other"})

    unknown, elsewhere = failed.run("-r", "zzz"), failed.run("-r", run, job="other.yaml")
    planned = failed.command("plan", "job.yaml", "-r", "zzz").wait()

    assert (unknown.status, elsewhere.status, planned.status) == (5, 5, 5)
    assert f"no unfinished run 'zzz' of job 'job' is kept; there are: {run}; `flowrun checkpoints`" in unknown.err
    assert f"there are: {run};" in planned.err
    assert "it is a run of job 'job'" in elsewhere.err
    assert failed.count("a") == 1


@pytest.mark.parametrize("checkpointer", ["FileCheckpointer", "SQLiteCheckpointer"])
def test_a_damaged_run_is_cleared(project: Project, checkpointer: str) -> None:
    """Everything else refuses it, naming it; cleared, it is gone, and the job runs. D-06"""
    project.job({"bad": "Fails"}, checkpointer={"checkpointer": checkpointer})
    assert project.run().status == 1
    run = damage(project, checkpointer)

    listed = project.command("checkpoints", "-j", "job.yaml").wait()
    refused = project.run("-r")
    cleared = project.command("checkpoints", "clear", run[:5], "-j", "job.yaml").wait()

    assert (listed.out, refused.status) == ("", 5)
    assert "is damaged in record" in listed.err
    assert (cleared.status, cleared.out) == (0, "")
    assert cleared.err.startswith(f"cleared {run}   job   {project.root}/.flowrun/")
    assert "is damaged" in cleared.err
    assert project.command("checkpoints", "-j", "job.yaml").wait().err == "no unfinished run is kept\n"
    assert "nothing to continue" in project.run("-r", "--output=lines").err


def damage(project: Project, checkpointer: str) -> str:
    """Change a letter in the first record of the only run, and give its id."""
    if checkpointer == "FileCheckpointer":
        (journal,) = project.root.glob(".flowrun/job/*.journal")
        journal.write_bytes(journal.read_bytes().replace(b'"attempts"', b'"attempt5"', 1))
        return journal.stem
    with contextlib.closing(sqlite3.connect(project.root / ".flowrun/checkpoint.db", isolation_level=None)) as db:
        db.execute("UPDATE records SET record = replace(record, 'attempts', 'attempt5') WHERE seq = 1")
        return str(db.execute("SELECT run_id FROM runs").fetchone()[0])


def test_what_had_not_started_when_the_run_was_stopped_is_told_so(project: Project) -> None:
    """Only what was running was stopped. FM-75"""
    project.job(
        {
            "a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}},
            "b": {"task": "Step", "dependencies": ["a"]},
        }
    )
    running = project.start()
    project.wait_for_mark("a")
    running.signal(2)
    assert running.wait().status == 130

    plan = project.command("plan", "job.yaml", "-r").wait().out
    kept = project.command("checkpoints").wait().out

    assert "  rerun   a   was stopped\n" in plan
    assert "  run     b   had not started\n" in plan
    assert "1 interrupted, 1 not started" in kept


def test_a_failed_task_that_was_stopped_before_it_ran_again_has_still_failed(project: Project) -> None:
    """A restart that is stopped changes nothing for what it did not start. L-10"""

    def job(priority: int) -> None:
        waits = {"task": "Step", "parameters": {"waits_for": str(project.flag)}}
        tasks = {"a": waits, "bad": {"task": "Fails", "priority": priority}}
        project.job(tasks, config={"max_concurrency": 1, "fail_fast": True})

    job(1)
    assert project.run().status == 1
    job(-1)
    running = project.start("-r")
    project.wait_for_mark("a")
    running.signal(2)
    assert running.wait().status == 130

    assert "  rerun   bad   failed\n" in project.command("plan", "job.yaml", "-r").wait().out


@pytest.mark.parametrize(
    "selection",
    [
        "--only a --skip a",
        "--run-to a --run-from b",
        "--downstream c",
        "--only b --mark-completed b",
        "-r --skip a --only a",
    ],
)
def test_a_selection_that_leaves_nothing_is_refused(failed: Project, selection: str) -> None:
    """As wrong usage, naming the options; nothing is run. FM-75"""
    done, planned = failed.run(*selection.split()), failed.command("plan", "job.yaml", *selection.split()).wait()

    assert (done.status, planned.status) == (2, 2)
    assert "` leaves nothing to run of job 'job': take one of these options back" in done.err
    assert selection.split()[-1] in done.err
    assert failed.count("a") == 1


def test_a_run_can_be_ended_by_marking_what_is_left(project: Project) -> None:
    """That is no empty selection: everything is completed then."""
    project.job({"bad": "Fails"})
    assert project.run().status == 1

    assert project.run("-r", "--mark-completed=bad").status == 0
    assert project.command("checkpoints").wait().err == "no unfinished run is kept\n"


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


KEEPS = """
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
"""
LISTS = """
    async def list_checkpoints(self):
        return [await self.read_checkpoint("")] if FILE.exists() else []
"""


def test_a_user_checkpointer_that_cannot_list_is_asked_for_the_job(project: Project) -> None:
    """What it keeps of the job is shown. FM-76"""
    project.file("extensions/mine.py", KEEPS)
    project.job({"a": "Fails"}, checkpointer={"checkpointer": "Mine"})
    assert project.run().status == 1

    assert "1 failed" in project.command("checkpoints", "-j", "job.yaml").wait().out
    assert project.command("checkpoints", "clear", "--all", "-j", "job.yaml").wait().status == 0
    assert "no unfinished run" in project.command("checkpoints", "-j", "job.yaml").wait().err


def test_a_user_checkpointer_is_listed_and_cleared(project: Project) -> None:
    """The contract is enough. FM-76"""
    project.file("extensions/mine.py", KEEPS + LISTS)
    project.job({"bad": "Fails"}, checkpointer={"checkpointer": "Mine"})
    assert project.run().status == 1

    assert "1 failed" in project.command("checkpoints", "-j", "job.yaml").wait().out
    assert project.command("checkpoints", "clear", "--all", "-j", "job.yaml").wait().status == 0
    assert not (project.root / "extensions" / "kept").exists()


def test_a_user_checkpointer_is_opened_and_closed_by_every_command(project: Project) -> None:
    """`on_create` comes before it is read, in a run too, and `on_destroy` is the last that is called. FM-65, FM-76"""
    project.file(
        "extensions/mine.py",
        """
import pathlib, pickle
from flowrun.checkpointer import Checkpointer, NoCheckpointAvailableError, checkpointer
from tasks.stock import mark

FILE = pathlib.Path(__file__).parent / "kept"

@checkpointer
class Mine(Checkpointer):
    def _called(self, what):
        mark("mine", what)

    async def on_create(self):
        self._called("create")

    async def on_destroy(self):
        self._called("destroy")

    async def write_checkpoint(self, name, content):
        FILE.write_bytes(pickle.dumps(content))

    async def read_checkpoint(self, name):
        self._called("read")
        if not FILE.exists():
            raise NoCheckpointAvailableError("none is kept")
        return pickle.loads(FILE.read_bytes())

    async def clear_checkpoint(self, name):
        self._called("clear")
        FILE.unlink()
""",
    )
    project.job({"a": "Fails"}, checkpointer={"checkpointer": "Mine"})

    def calls(*command: str, status: int = 0) -> str:
        before = len(project.hooks("mine"))
        done = project.command(*command).wait()
        assert done.status == status, done
        return " ".join(project.hooks("mine")[before:])

    assert calls("run", "job.yaml", status=1) == "create destroy"
    assert calls("run", "job.yaml", "-r", status=1) == "create read destroy"
    assert calls("run", "job.yaml", "-r", "zzz", status=5) == "create read destroy"
    assert calls("plan", "job.yaml") == ""
    assert calls("plan", "job.yaml", "-r") == "create read destroy"
    assert calls("plan", "job.yaml", "-r", "zzz", status=5) == "create read destroy"
    assert calls("checkpoints", "-j", "job.yaml") == "create read destroy"
    cleared = calls("checkpoints", "clear", "--all", "-j", "job.yaml")
    assert cleared == "create read destroy create clear destroy"


def test_what_a_user_checkpointer_raises_is_told(project: Project) -> None:
    """Its class and the method are named, and no run is blamed on flowrun. X-04"""
    project.file(
        "extensions/mine.py",
        """
from flowrun.checkpointer import Checkpointer, checkpointer

@checkpointer
class Mine(Checkpointer):
    async def on_create(self):
        raise OSError("no way there")

    async def write_checkpoint(self, name, content): ...
    async def read_checkpoint(self, name): ...
    async def clear_checkpoint(self, name): ...
""",
    )
    project.job({"a": "Step"}, checkpointer={"checkpointer": "Mine"})

    for command in (("run", "job.yaml"), ("plan", "job.yaml", "-r"), ("checkpoints", "-j", "job.yaml")):
        done = project.command(*command).wait()
        assert done.status == 5
        assert "checkpointer Mine failed in on_create: OSError: no way there" in done.err
    assert project.count("a") == 0


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


def test_the_run_of_another_file_with_the_same_name_is_not_continued(project: Project) -> None:
    """Nothing of it is dropped, and nothing starts."""
    project.job({"a": "Step", "b": {"task": "Fails", "dependencies": ["a"]}})
    assert project.run().status == 1
    project.job({"x": "Step"}, file="other.yaml")

    done = project.run("-r", job="other.yaml")

    assert done.status == 5
    assert "has none of the tasks of this job file" in done.err
    assert project.count("x") == 0
    assert project.run("-r").report["tasks"][0]["kept"]
