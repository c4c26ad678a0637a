"""Busy: W5 and W6, tasks that sleep and tasks that count."""

from __future__ import annotations

from collections.abc import Sequence

from ..contest import Claim, Contest, beyond, floor
from ..jobfile import JobFile
from ..workload import independent, layers
from ..workspace import Workspace

_SECONDS = "parameters: {seconds: 0.1}"
_TEN_THREADS = "executors: {ten: {executor: thread, parameters: {slots: 10}}}\n"


def sleepers(workspace: Workspace) -> Contest:
    """W5, 100 tasks of 0.1 s in 10 layers of 10: ideally one second."""

    def job(kind: str, keys: Sequence[str]) -> JobFile:
        return JobFile(f"w5-{kind}", layers(10, 10, 10), (*keys, _SECONDS), more=_TEN_THREADS)

    project = workspace.project
    process, thread = job("process", ["task: Nap"]), job("thread", ["task: Nap", "executor: ten"])
    return Contest(
        parts=[
            lambda: {"ideal": 1.0},
            beyond("process", project.run(process), workspace.one_process_task),
            beyond("thread", project.run(thread), workspace.one_thread_task),
            beyond("async", project.run(job("async", ["task: NapAsync"])), workspace.one_async_task),
        ],
        claims=[
            Claim(f"W5 {kind}, without start-up, against the ideal", kind, "ideal", at_most=1.05)
            for kind in ("process", "thread", "async")
        ],
    )


def counters(workspace: Workspace) -> Contest:
    """W6, 32 tasks that use 0.25 s of a processor, on two. The ideal is what bare forks take."""
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
