"""`flowrun stop`: a run is ended from elsewhere, as Ctrl-C ends it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from tests.project import eventually

if TYPE_CHECKING:
    from tests.project import Project, Started


PYTHON = """
import time
from pathlib import Path
from flowrun import Job

job = Job("etl")


@job.task
def wait() -> None:
    Path("begun").touch()
    time.sleep(60)
"""


def busy(project: Project, name: str = "job", *, stubborn: bool = False, grace: float = 8.0) -> Started:
    """A run of which a task works until it is stopped."""
    project.job(
        {name: {"task": "Busy", "parameters": {"stubborn": stubborn}}},
        file=f"{name}.yaml",
        config={"name": name, "grace_seconds": grace},
    )
    run = project.start(job=f"{name}.yaml")
    project.wait_for_mark(name, "ready")
    eventually(lambda: json.loads(project.command("runs", "--json", "-j", name).wait().out)["runs"])
    return run


def test_the_only_run_is_stopped_and_can_be_continued(project: Project) -> None:
    """It needs no name; its task is asked to end, and the command says how it ended and what continues it."""
    run = busy(project)
    told = project.command("stop").wait()
    ended = run.wait()

    assert told.status == 0, told
    assert ended.status == 143
    assert "on_abort" in project.hooks("job")
    assert "stopped   run " in told.out
    assert "ended with status 143   1 interrupted" in told.out
    assert "continue     flowrun -j job.yaml -r " in told.out


def test_what_continues_it_can_be_typed_where_it_is_said(project: Project) -> None:
    """In a directory of the project, and elsewhere."""
    inside, elsewhere = project.file("jobs/below/keep").parent, project.root.parent
    for name, directory, arguments in (("day", inside, ()), ("night", elsewhere, ("-C", str(project.root)))):
        run = busy(project, f"jobs/{name} shift")
        told = project.command("stop", *arguments, cwd=directory).wait()
        run.wait()
        (line,) = (one for one in told.out.splitlines() if one.startswith("  continue "))
        program, *command = shlex.split(line.removeprefix("  continue "))

        assert program == "flowrun"
        assert "1 task to run, 0 kept" in project.command("plan", *command, cwd=directory).wait().out


def test_a_job_in_python_is_continued_by_its_address(project: Project) -> None:
    """As it was started."""
    project.file("etl.py", PYTHON)
    run = project.start(job="etl.py:job")
    eventually(lambda: (project.root / "begun").exists())
    told = project.command("stop").wait()

    assert run.wait().status == 143
    assert "continue     flowrun -j etl.py:job -r " in told.out


def test_now_kills_what_does_not_end(project: Project) -> None:
    """Its grace time is not waited for."""
    run = busy(project, stubborn=True, grace=600.0)
    told = project.command("stop", "@last", "--now", "--json").wait()

    assert told.status == 0, told
    assert json.loads(told.out)["state"] == "stopped"
    assert run.wait().status == 143


def test_of_several_runs_one_must_be_named(project: Project) -> None:
    """They are listed; the other one goes on."""
    first, second = busy(project, "first"), busy(project, "second")
    several = project.command("stop").wait()
    runs = {row["job"]: row["run"] for row in json.loads(project.command("runs", "--json").wait().out)["runs"]}
    assert several.status == 2
    assert all(f"{run} ({job})" in several.err for job, run in runs.items())

    assert project.command("stop", runs["first"][:6]).wait().status == 0
    assert first.wait().status == 143
    assert not second.is_over


def test_what_does_not_run_is_not_stopped(project: Project) -> None:
    """No run, an unknown one, one that is over, one that was killed: each is told apart."""
    assert "no run is running" in project.command("stop").wait().err
    assert "no run begins with 'zz'" in project.command("stop", "zz").wait().err
    project.job({"a": "Step"})
    project.run()
    over = project.command("stop", "@last").wait()
    assert (over.status, "it is completed" in over.err) == (2, True), over
    run = busy(project)
    run.kill()
    gone = project.command("stop", "@last").wait()
    assert (gone.status, "it is interrupted" in gone.err) == (2, True), gone
