"""Processes: W2, W3 and W4 with a process for each task."""

from __future__ import annotations

from ..contest import Claim, Contest, floor, repeated, slope
from ..jobfile import JobFile
from ..workload import chain, independent, layers
from ..workspace import Workspace

_TWO = {"max_concurrency": 2}
_FORKS = 1000


def two_at_a_time(workspace: Workspace) -> Contest:
    """W2, 1,000 empty tasks, two at a time."""
    many, one = independent(1000), independent(1)
    project = workspace.project
    return Contest(
        parts=[
            slope("flowrun", project.run(JobFile("w2", many, config=_TWO)), workspace.one_process_task, 1000),
            floor("warm fork", project.warm_fork(_FORKS, 2), _FORKS),
            slope("make", workspace.make("w2", many, 2), workspace.make("w1", one), 1000),
            slope("Flowmancer", workspace.flowmancer("w2", many, 2), workspace.flowmancer("w1", one), 1000),
        ],
        claims=[
            Claim("W2 processes, a task, against warm fork", "flowrun", "warm fork", at_most=1.5),
            Claim("W2 processes, a task, against make", "flowrun", "make", at_most=3.0),
            Claim("W2 processes, a task, faster than Flowmancer", "Flowmancer", "flowrun", at_least=8.0),
        ],
    )


def one_after_the_other(workspace: Workspace) -> Contest:
    """W3, a chain of 200."""
    links, one = chain(200), independent(1)
    project = workspace.project
    flowrun = slope("flowrun", project.run(JobFile("w3", links)), workspace.one_process_task, 200)
    return Contest(
        parts=[
            repeated(2, flowrun),
            floor("warm fork", project.warm_fork(_FORKS, 1), _FORKS),
            slope("Flowmancer", workspace.flowmancer("w3", links), workspace.flowmancer("w1", one), 200),
        ],
        claims=[
            Claim("W3 processes, a hop, against warm fork", "flowrun", "warm fork", at_most=1.7),
            Claim("W3 processes, a hop, faster than Flowmancer", "Flowmancer", "flowrun", at_least=8.0),
        ],
    )


def with_layers(workspace: Workspace) -> Contest:
    """W4, 20 layers of 50, each task on 5 of the layer before."""
    project, one = workspace.project, workspace.one_process_task
    return Contest(
        parts=[
            slope("W4", project.run(JobFile("w4", layers(20, 50, 5), config=_TWO)), one, 1000),
            slope("W2", project.run(JobFile("w2", independent(1000), config=_TWO)), one, 1000),
        ],
        claims=[Claim("W4 processes, a task, against W2", "W4", "W2", at_most=1.15)],
    )
