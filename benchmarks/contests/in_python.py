"""In Python: jobs that are written in Python and run inside of a program."""

from __future__ import annotations

from collections.abc import Callable

from ..command import Command
from ..contest import Claim, Contest, Part, floor, repeated, slope
from ..workload import Workload, independent, layers
from ..workspace import Workspace


def ten_awaits(workspace: Workspace) -> Contest:
    """A job of ten empty coroutines in a running event loop."""
    project = workspace.project
    return Contest(
        parts=[
            floor("flowrun", project.program("python_job", "job")),
            floor("task group", project.floor("python_job", "group")),
        ],
        claims=[
            Claim("a Job of ten empty coroutines, against a task group", "flowrun", "task group", at_most=20.0),
            Claim("a Job of ten empty coroutines", "flowrun", at_most=0.001),
        ],
    )


def independent_tasks(workspace: Workspace) -> Contest:
    """W2 as a job in Python."""
    return _against_others(workspace, "W2", "w2", independent(1000))


def with_layers(workspace: Workspace) -> Contest:
    """W4 as a job in Python."""
    return _against_others(workspace, "W4", "w4", layers(20, 50, 5))


def beside_platforms(workspace: Workspace) -> Contest:
    """Two hundred tasks in layers, as a job in Python and with tools that bring a service or a scheduler with them."""
    many, one = layers(10, 20, 5), independent(1)

    def part(name: str, run: Callable[[str, Workload], Command]) -> Part:
        return slope(name, run("w4-200", many), run("w1", one), 200)

    return Contest(
        parts=[
            repeated(3, part("flowrun", workspace.python_job)),
            part("Prefect", workspace.prefect),
            part("Dagster", workspace.dagster),
            part("Luigi", workspace.luigi),
        ],
        claims=[
            Claim("200 tasks in layers as a Job, a task, faster than Prefect", "Prefect", "flowrun", at_least=40.0),
            Claim("the same, faster than Dagster", "Dagster", "flowrun", at_least=40.0),
            Claim("the same, faster than Luigi", "Luigi", "flowrun"),
        ],
    )


def _against_others(workspace: Workspace, title: str, name: str, many: Workload) -> Contest:
    one = independent(1)
    flowrun = slope("flowrun", workspace.python_job(name, many), workspace.python_job("w1", one), 1000)
    flow2 = slope("flow2", workspace.flow2(name, many), workspace.flow2("w1", one), 1000)
    astrum = slope("Astrum", workspace.astrum(name, many), workspace.astrum("w1", one), 1000)
    return Contest(
        parts=[repeated(3, flowrun), repeated(3, flow2), astrum],
        claims=[
            Claim(f"{title} as a Job, a task, faster than Astrum", "Astrum", "flowrun", at_least=20.0),
            Claim(f"{title} as a Job, a task, against flow2", "flowrun", "flow2", at_most=1.5),
        ],
    )
