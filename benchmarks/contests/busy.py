"""Busy: W5 and W6, tasks that sleep and tasks that count."""

from __future__ import annotations

from ..contest import Claim, Contest, beyond, floor
from ..jobfile import JobFile
from ..workload import independent, layers
from ..workspace import Workspace

_NAP = "parameters: {seconds: 0.1}"


def sleepers(workspace: Workspace) -> Contest:
    """W5, 100 tasks of 0.1 s in 10 layers of 10: ideally one second."""
    shape, project = layers(10, 10, 10), workspace.project
    kinds = {
        "process": (("task: Nap", _NAP), workspace.one_process_task),
        "thread": (("task: Nap", _NAP, "executor: thread"), workspace.one_thread_task),
        "async": (("task: NapAsync", _NAP), workspace.one_async_task),
    }
    return Contest(
        parts=[
            lambda: {"ideal": 1.0},
            *(beyond(kind, project.run(JobFile(f"w5-{kind}", shape, keys, _config(kind))), one) for kind, (keys, one) in kinds.items()),
        ],
        claims=[Claim(f"W5 {kind}, without start-up, against the ideal", kind, "ideal", at_most=1.05) for kind in kinds],
    )


def counters(workspace: Workspace) -> Contest:
    """W6, 32 tasks that use 0.25 s of a processor, on two."""
    project = workspace.project
    keys = ("task: Burn", "parameters: {seconds: 0.25}")
    job = JobFile("w6", independent(32), keys, {"max_concurrency": 2})
    return Contest(
        parts=[
            beyond("flowrun", project.run(job), workspace.one_process_task),
            floor("two at a time", project.floor("burn", 32, 0.25, 2)),
        ],
        claims=[Claim("W6 processes, without start-up, against bare forks", "flowrun", "two at a time", at_most=1.08)],
    )


def _config(_kind: str) -> dict[str, object]:
    return {"max_concurrency": 10}
