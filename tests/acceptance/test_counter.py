"""Counters: gates that open when they were counted often enough, by tasks or from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.project import eventually

if TYPE_CHECKING:
    from tests.project import Project

COUNTS = """
from flowrun.builtin.counter import count

@task
class Counts(Traced):
    times: int = 1

    def run(self) -> None:
        count("gate", self.times)
"""


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_a_gate_opens_when_it_was_counted_often_enough(project: Project, executor: str) -> None:
    """Three of four branches open it; the fourth is harmless. PW-53"""
    project.task_module(COUNTS)
    branches = {f"b{number}": {"task": "Counts", "executor": executor} for number in range(4)}
    project.job({"gate": {"task": "Counter", "parameters": {"name": "gate", "target": 3}}, **branches})

    assert project.run().status == 0


def test_counting_before_the_start_is_allowed_and_zero_is_open(project: Project) -> None:
    """What was counted waits for the one who needs it. PW-53"""
    project.task_module(COUNTS)
    gate = {"task": "Counter", "dependencies": ["count"]}
    project.job(
        {
            "count": {"task": "Counts", "parameters": {"times": 2}},
            "two": {**gate, "parameters": {"name": "gate", "target": 2}},
            "none": {**gate, "parameters": {"name": "gate", "target": 0}, "dependencies": ["two"]},
        }
    )

    assert project.run().status == 0


def test_a_gate_is_opened_from_outside_and_the_first_is_served_first(project: Project) -> None:
    """Three for two gates of two: only the first completes, until one more is counted. PW-53"""
    two = {"name": "go", "target": 2}
    project.job(
        {
            "a": {"task": "Counter", "parameters": two, "priority": 1},
            "pause": {"task": "Step", "parameters": {"seconds": 0.3}},
            "b": {"task": "Counter", "parameters": two, "dependencies": ["pause"]},
            "after": {"task": "Step", "dependencies": ["a"]},
        }
    )
    started = project.start()
    project.wait_for_mark("pause", "end")

    counted = project.command("count", "go", "3").wait()
    assert counted.status == 0, counted
    project.wait_for_mark("after", "end")
    assert not started.is_over
    assert project.command("count", "go").wait().status == 0
    done = started.wait()

    assert done.status == 0, done


def test_counting_for_no_run_is_told(project: Project) -> None:
    """There is nothing to count for."""
    project.job({"a": "Step"})

    done = project.command("count", "go").wait()

    assert done.status == 5
    assert "no job is running" in done.text


def test_an_aborted_gate_leaves_the_queue(project: Project) -> None:
    """The run ends at a signal, and a restart waits again."""
    project.job({"a": {"task": "Counter", "parameters": {"name": "go", "target": 1}}, "s": "Step"})
    started = project.start()
    project.wait_for_mark("s", "end")
    eventually(lambda: "RUNNING" in started.so_far() or '"to_state": "R"' in started.so_far())
    started.signal(15)
    assert started.wait().status == 143

    again = project.start("-r")
    eventually(lambda: '"to_state": "R"' in again.so_far())
    assert project.command("count", "go").wait().status == 0
    assert again.wait().status == 0
