"""A job that is stopped cleans up, and it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.project import Project


def test_the_deadline_also_holds_for_what_cleans_up(project: Project) -> None:
    """The job was stopping already: then nothing has more time than the grace time."""
    end = {"task": "Step", "dependencies": ["bad"], "run_if": "always", "parameters": {"seconds": 600}}
    project.job({"bad": "Fails", "end": end}, config={"fail_fast": True, "deadline": "1s", "grace_seconds": 1})

    done = project.run()

    assert done.status == 1
    assert done.states == {"bad": "FAILED", "end": "ABORTED"}


def test_a_second_signal_leaves_nothing_to_clean_up(project: Project) -> None:
    """Cleaning up is aborted too, also a group's, and is done again by the restart."""
    slow = {"task": "Step", "parameters": {"seconds": 600}, "max_attempts": 3}
    project.job(
        {"a": slow, "end": {"dependencies": ["a"], "run_if": "always", "serial": {"x": slow, "y": {"task": "Step"}}}},
        config={"grace_seconds": 1},
    )
    started = project.start()
    project.wait_for_mark("a")
    started.signal(15)
    project.wait_for_mark("end/x")
    started.signal(15)
    done = started.wait()

    assert done.status == 143
    assert done.states == {"a": "ABORTED", "end": "ABORTED", "end/x": "ABORTED", "end/y": "ABORTED"}
    assert project.all_gone()
