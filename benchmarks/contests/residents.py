"""Residents: W2 and W4 with threads and coroutines, and very many coroutines."""

from __future__ import annotations

from ..command import Command
from ..contest import Claim, Contest, Figures, floor, repeated, slope
from ..jobfile import JobFile
from ..workload import independent, layers
from ..workspace import Workspace

_ASYNC = ("task: EmptyAsync",)
_THREAD = ("task: Empty", "executor: thread")


def threads(workspace: Workspace) -> Contest:
    """W2 with threads."""
    many, one, project = independent(1000), independent(1), workspace.project
    threaded = ("-n", "2", "-P", "thread")
    flowrun = slope("flowrun", project.run(JobFile("w2-thread", many, _THREAD)), workspace.one_thread_task, 1000)
    doit = slope("doit", workspace.doit("w2", many, *threaded), workspace.doit("w1", one, *threaded), 1000)
    return Contest(
        parts=[
            repeated(3, flowrun),
            repeated(3, floor("thread", project.floor("threads", 1000), 1000)),
            repeated(3, doit),
        ],
        claims=[
            Claim("W2 threads, a task, against a pool of threads", "flowrun", "thread", at_most=8.0),
            Claim("W2 threads, a task, against doit with threads", "flowrun", "doit", at_most=1.0),
        ],
    )


def coroutines(workspace: Workspace) -> Contest:
    """W2 with coroutines."""
    many, one, project = independent(1000), independent(1), workspace.project
    flowrun = slope("flowrun", project.run(JobFile("w2-async", many, _ASYNC)), workspace.one_async_task, 1000)
    return Contest(
        parts=[
            repeated(3, flowrun),
            repeated(3, floor("task group", project.floor("coroutines", 1000), 1000)),
            repeated(3, slope("doit", workspace.doit("w2", many), workspace.doit("w1", one), 1000)),
            slope("Astrum", workspace.astrum("w2", many), workspace.astrum("w1", one), 1000),
        ],
        claims=[
            Claim("W2 async, a task, against doit one by one", "flowrun", "doit", at_most=1.0),
            Claim("W2 async, a task, against a task group", "flowrun", "task group"),
            Claim("W2 async, a task, faster than Astrum", "Astrum", "flowrun", at_least=20.0),
        ],
    )


def with_layers(workspace: Workspace) -> Contest:
    """W4 with coroutines."""
    project, one = workspace.project, workspace.one_async_task
    return Contest(
        parts=[
            repeated(3, slope("W4", project.run(JobFile("w4-async", layers(20, 50, 5), _ASYNC)), one, 1000)),
            repeated(3, slope("W2", project.run(JobFile("w2-async", independent(1000), _ASYNC)), one, 1000)),
        ],
        claims=[Claim("W4 async, a task, against W2", "W4", "W2", at_most=1.15)],
    )


def very_many(workspace: Workspace) -> Contest:
    """10,000 and 100,000 coroutines."""
    jobs = {count: JobFile(f"async-{count}", independent(count), _ASYNC) for count in (1_000, 10_000, 100_000)}
    runs = {count: workspace.project.run(job) for count, job in jobs.items()}
    checks = {count: workspace.project.flowrun("validate", f"{job.name}.yaml") for count, job in jobs.items()}
    one = workspace.one_async_task
    return Contest(
        parts=[
            repeated(3, slope("1,000", runs[1_000], one, 1_000)),
            slope("10,000", runs[10_000], one, 10_000),
            slope("100,000", runs[100_000], one, 100_000),
            lambda: _memory(runs[100_000], checks[100_000], runs[1_000], checks[1_000]),
            lambda: {"more": runs[10_000].most_descriptors() - runs[1_000].most_descriptors()},
        ],
        claims=[
            Claim("10,000 async, a task, against 1,000", "10,000", "1,000", at_most=1.3),
            Claim("100,000 async, a task, against 1,000", "100,000", "1,000", at_most=1.3),
            Claim("100,000 async, memory a task beyond the definition", "beyond", at_most=4096.0, unit="B"),
            Claim("100,000 async, memory a task in all", "in all", unit="B"),
            Claim("10,000 async, more descriptors than with 1,000", "more", at_most=0.0, unit=""),
        ],
    )


def _memory(run: Command, check: Command, small_run: Command, small_check: Command) -> Figures:
    """Peaks of the large job above those of the small one: of a run, and of a check, which holds the definition."""
    more = 100_000 - 1_000
    of_run = (run.peak_bytes() - small_run.peak_bytes()) / more
    of_definition = (check.peak_bytes() - small_check.peak_bytes()) / more
    return {"in all": of_run, "beyond": of_run - of_definition}
