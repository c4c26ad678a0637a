"""State: what the journal costs, when a completion is in it, and how a restart begins."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import quantiles

from ..command import Command
from ..contest import Claim, Contest, Figures, wall
from ..jobfile import JobFile
from ..journal_reader import JournalReader
from ..project import Project
from ..workload import chain, independent
from ..workspace import Workspace

_WITH_CHECKPOINTERS = {"max_concurrency": 2, "extension_directories": "[./checkpointers]"}


def journal(workspace: Workspace) -> Contest:
    """W2 with the journal on and off."""
    project, many = workspace.project, independent(1000)
    parts = []
    for kind, keys in (("process", ("task: Empty",)), ("async", ("task: EmptyAsync",))):
        on = JobFile(f"journal-{kind}", many, keys, _WITH_CHECKPOINTERS)
        off = JobFile(
            f"no-journal-{kind}", many, keys, _WITH_CHECKPOINTERS, "checkpointer: {checkpointer: KeepsNothing}\n"
        )
        parts += [wall(f"{kind} on", project.run(on)), wall(f"{kind} off", project.run(off))]
    return Contest(
        parts=parts,
        claims=[
            Claim("W2 processes, journal on against off", "process on", "process off", at_most=1.15),
            Claim("W2 async, journal on against off", "async on", "async off"),
        ],
    )


def recorded(workspace: Workspace) -> Contest:
    """How long after the end of an attempt its completion stands in the journal, and its dependent starts."""
    project = workspace.project
    return Contest(
        parts=[lambda: _delays(project)],
        claims=[
            Claim("completion in the journal after the end, p50", "p50", at_most=0.010),
            Claim("completion in the journal after the end, p99", "p99", at_most=0.100),
            Claim("its dependent starts after the end, p50", "next p50"),
            Claim("its dependent starts after the end, p99", "next p99"),
        ],
    )


def restart(workspace: Workspace) -> Contest:
    """When the first task starts, in a fresh run and in a restart with 10,000 completed tasks."""
    project = workspace.project
    stamp = project.directory / "first.txt"
    first = f"  first:\n    task: StampAndFail\n    priority: 1\n    parameters: {{path: {stamp}}}\n"
    job = JobFile("restart", independent(10_000), ("task: EmptyAsync",), {"max_concurrency": 4}, first)
    return Contest(
        parts=[
            lambda: {"fresh": _seconds_to_stamp(project.run(job, status=1), stamp)},
            lambda: {"-r": _seconds_to_stamp(project.run(job, "-r", status=1), stamp)},
        ],
        claims=[Claim("-r with 10,000 completed, first start against fresh", "-r", "fresh", at_most=1.5)],
    )


def _seconds_to_stamp(command: Command, stamp: Path) -> float:
    begin = time.monotonic()
    command.seconds()
    return float(stamp.read_text()) - begin


def _delays(project: Project) -> Figures:
    stamps = project.directory / "stamps.txt"
    stamps.unlink(missing_ok=True)
    job = JobFile("recorded", chain(200), ("task: Stamp", f"parameters: {{path: {stamps}}}"))
    process = project.run(job).start()
    seen = JournalReader(project.directory / ".flowrun" / job.name).follow(process)
    begun, ended = _stamps(stamps, "begin"), _stamps(stamps, "end")
    delays = [seen[task] - end for task, end in ended.items() if task in seen]
    hops = [begun[f"t{number + 1}"] - ended[f"t{number}"] for number in range(len(ended) - 1)]
    return {"p50": _quantile(delays, 50), "p99": _quantile(delays, 99)} | {
        "next p50": _quantile(hops, 50),
        "next p99": _quantile(hops, 99),
    }


def _stamps(path: Path, what: str) -> dict[str, float]:
    said = (line.split() for line in path.read_text().splitlines())
    return {task: float(moment) for task, kind, moment in said if kind == what}


def _quantile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
