"""A restart with a job file that has changed, and every way of saying which tasks are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project

CHAIN = ("a", "b", "c", "d")


def chain(project: Project, **more: dict[str, object]) -> None:
    """Four tasks after each other; the third fails until the flag is there."""
    tasks: dict[str, dict[str, object]] = {
        "a": {"task": "Step"},
        "b": {"task": "Step", "dependencies": ["a"]},
        "c": {"task": "FailsUntilFlag", "dependencies": ["b"], "parameters": {"flag": str(project.flag)}},
        "d": {"task": "Step", "dependencies": ["c"]},
    }
    project.job({**tasks, **more})


def ran(project: Project, before: int) -> list[str]:
    """What has started since that many marks."""
    return [mark.label for mark in project.marks()[before:] if mark.what == "start"]


def run_again(project: Project, *arguments: str) -> tuple[Finished, list[str]]:
    before = len(project.marks())
    done = project.run(*arguments)
    return done, ran(project, before)


def test_added_tasks_run_and_removed_ones_are_told(project: Project) -> None:
    """The restart names both and goes on. FM-75"""
    chain(project, old={"task": "Step"})
    project.run()
    project.flag.touch()
    chain(project, new={"task": "Step", "dependencies": ["a"]})

    done, started = run_again(project, "-r")

    assert done.status == 0
    assert sorted(started) == ["c", "d", "new"]
    assert "new" in done.err
    assert "old" in done.err


def test_a_changed_parameter_is_told_and_rerun_on_request(project: Project) -> None:
    """A finished task is kept by default; `--rerun-changed` runs it and what follows again. FM-75"""
    chain(project)
    project.run()
    chain(project, b={"task": "Step", "dependencies": ["a"], "parameters": {"seconds": 0.01}})

    kept, started = run_again(project, "-r")
    assert started == ["c"]
    assert "seconds" in kept.err

    project.flag.touch()
    done, started = run_again(project, "-r", "--rerun-changed")
    assert (done.status, started) == (0, ["b", "c", "d"])


def test_a_restart_with_fewer_failures_uses_the_new_definition(project: Project) -> None:
    """What runs again runs as the file says now."""
    chain(project)
    project.run()
    chain(project, c={"task": "Step", "dependencies": ["b"]})

    done, started = run_again(project, "-r")

    assert (done.status, started) == (0, ["c", "d"])


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["--skip", "c"], 0, ["a", "b", "d"]),
        (["--run-to", "b"], 0, ["a", "b"]),
        (["--run-from", "d"], 0, ["d"]),
        (["--run-from", "b", "--run-to", "b"], 0, ["b"]),
        (["--only", "b"], 0, ["b"]),
        (["--only", "a", "--only", "d"], 0, ["a", "d"]),
        (["--from", "d"], 0, ["d"]),
        (["--downstream", "c"], 0, ["d"]),
        (["--mark-completed", "c"], 0, ["a", "b", "d"]),
        (["--run-to", "c"], 1, ["a", "b", "c"]),
    ],
)
def test_a_selection_of_tasks(project: Project, arguments: list[str], status: int, expected: list[str]) -> None:
    """Only what was asked for runs, in order; the rest is left out. FM-06, FM-07, FM-08, X-FM-02"""
    chain(project)

    done, started = run_again(project, *arguments)

    assert (done.status, sorted(started)) == (status, expected)
    if status == 0:
        left_out = "COMPLETED" if "--mark-completed" in arguments else "SKIP"
        assert all(state == left_out for name, state in done.states.items() if name not in expected)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--from", "b"], ["b", "c", "d"]),
        (["--downstream", "a"], ["b", "c", "d"]),
        (["--only", "a"], ["a"]),
        (["--skip", "c"], ["d"]),
        (["--run-to", "c"], ["c"]),
        (["--run-from", "d"], ["d"]),
        (["--mark-completed", "c"], ["d"]),
    ],
)
def test_a_selection_in_a_restart(project: Project, arguments: list[str], expected: list[str]) -> None:
    """What had completed stays so unless it is asked for. FM-06, FM-07, FM-08, X-FM-02"""
    chain(project)
    project.run()
    project.flag.touch()

    done, started = run_again(project, "-r", *arguments)

    assert (done.status, started) == (0, expected)


def test_what_was_left_out_of_a_restart_can_still_be_run(project: Project) -> None:
    """A restart of a part does not end the run: the next `-r` finishes it."""
    chain(project)
    project.run()
    project.flag.touch()
    project.run("-r", "--run-to", "c")

    done, started = run_again(project, "-r")

    assert (done.status, started) == (0, ["d"])


@pytest.mark.parametrize(
    "flag", ["--skip", "--run-to", "--run-from", "--only", "--from", "--downstream", "--mark-completed"]
)
def test_an_unknown_name_is_refused(project: Project, flag: str) -> None:
    """With the name, a suggestion, and before anything runs. FM-06, FM-07, FM-08"""
    project.job({"extract": "Step"})

    done = project.run(flag, "extrct")

    assert done.status == 2
    assert "'extrct'" in done.err
    assert "'extract'" in done.err
    assert project.marks() == []


def test_a_task_that_is_left_out_lets_its_dependents_go_on(project: Project) -> None:
    """Its state is SKIP, reached when its turn would have come. FM-06, FM-66"""
    chain(project)

    done = project.run("--skip", "b", "--skip", "c")

    assert done.moves("b") == "_PS"
    assert done.states["d"] == "COMPLETED"


def test_one_restart_with_every_state(project: Project) -> None:
    """Completed is kept; failed, cut off, stopped, held back and waiting tasks run again. FM-74"""
    flag = {"waits_for": str(project.flag)}
    project.job(
        {
            "completed": "Step",
            "failed": {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}},
            "held": {"task": "Step", "dependencies": ["failed"]},
            "running": {"task": "Step", "parameters": flag},
            "waiting": {"task": "Step", "dependencies": ["running"]},
        }
    )
    started = project.start()
    project.wait_for_mark("failed", "on_destroy")
    for name in ("completed", "running"):
        project.wait_for_mark(name)
    project.wait_for_mark("completed", "on_destroy")
    started.kill()
    project.flag.touch()

    done = project.run("-r")

    assert done.status == 0
    assert {name: project.count(name) for name in done.states} == {
        "completed": project.count("completed"),
        "failed": 2,
        "held": 1,
        "running": 2,
        "waiting": 1,
    }
    assert project.count("completed") <= 2
    restarted = [mark.label for mark in project.marks(what="on_restart")]
    assert {"failed", "running"} <= set(restarted) <= {"failed", "running", "completed"}


@pytest.mark.parametrize("how", ["failure", "kill", "signal"])
def test_a_restart_keeps_the_selection_of_the_run(project: Project, how: str) -> None:
    """What was left out when the run began stays left out: `-r` continues the same run, and no larger one."""
    waits = {"task": "Step", "dependencies": ["b"], "parameters": {"waits_for": str(project.flag)}}
    chain(project, **({} if how == "failure" else {"c": waits}))
    started = project.start("--run-to", "c", "--skip", "a")
    if how != "failure":
        project.wait_for_mark("c")
        started.signal(9 if how == "kill" else 15)
    started.wait()
    assert project.all_gone()
    project.flag.touch()

    done, again = run_again(project, "-r")

    assert (done.status, again) == (0, ["c"])
    assert done.states == {"a": "SKIP", "b": "COMPLETED", "c": "COMPLETED", "d": "SKIP"}
