"""Kills at random moments of a job that branches, fans out, nests and grows, and an audit of what really ran.

Twelve points in the normal run, two hundred with `-m full`. The number in the name of a test is its seed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project import Project, Started

TASKS = '''
import json
from typing import Any

@task
class Give(Traced):
    value: Any = None
    seconds: float = 0.0

    def run(self) -> Any:
        self.mark("start", value=self.value)
        self.rest(self.seconds)
        self.mark("end")
        return self.value

@task
class GiveAwaiting(Traced):
    value: Any = None
    seconds: float = 0.0

    async def run(self) -> Any:
        self.mark("start", value=self.value)
        await asyncio.sleep(self.seconds)
        self.mark("end")
        return self.value

@task
class Grow(Traced):
    """Adds two tasks, one of which adds another, and one of which stands in for it."""

    depth: int = 1

    def run(self) -> Any:
        self.mark("start")
        first = self.spawn("Give", {"value": 1}, name="first")
        last = self.spawn("Give", {"value": self.metadata.name}, name="last", after=[first], stands_in=True)
        if self.depth:
            self.spawn("Grow", {"depth": self.depth - 1}, name="more", after=[last])
        self.mark("end")

@task
class Breaks(Traced):
    """Fails until it was tried twice: the run ends with a failure, and a restart mends it."""

    item: int = 0

    def run(self) -> int:
        self.mark("start")
        with open(os.environ["MARKS"]) as file:
            ends = sum(f'"{self.metadata.name}", "what": "start"' in line for line in file)
        if self.item % 3 == 2 and ends < 2:
            self.mark("failed")
            raise ValueError("planned")
        self.mark("end")
        return self.item * 10
'''

JOB = """
config: {{name: job, max_concurrency: {slots}}}
checkpointer: {{checkpointer: {checkpointer}}}
tasks:
  load: {{task: {give}, executor: {executor}, parameters: {{value: [0, 1, 2, 3, 4], seconds: 0.01}}}}
  fan:
    task: Breaks
    executor: {items}
    foreach: "${{{{ tasks.load.result }}}}"
    max_concurrency: 2
    parameters: {{item: "${{{{ item }}}}"}}
  no: {{task: Give, when: "tasks.load.result | length > 5"}}
  group:
    dependencies: [no]
    serial:
      a: {{task: {give}, executor: {executor}, parameters: {{value: 1}}}}
      both:
        parallel:
          x: {{task: Give, parameters: {{value: "${{{{ tasks.a.result + 1 }}}}", seconds: 0.01}}}}
          y: {{task: {give}, executor: {executor}, parameters: {{value: 3}}}}
      z: {{task: Give, parameters: {{value: "${{{{ tasks.both.result }}}}"}}}}
  grow: {{task: Grow, executor: {threads}}}
  wide: {{task: Grow, executor: {threads}, foreach: [a, b], parameters: {{depth: 0}}}}
  last:
    task: Give
    parameters:
      value:
        - "${{{{ tasks.fan.result }}}}"
        - "${{{{ tasks.group.result }}}}"
        - "${{{{ tasks.grow.result }}}}"
        - "${{{{ tasks.wide.result }}}}"
        - "${{{{ tasks.no.state }}}}"
  clean: {{task: Give, dependencies: [last], run_if: always}}
"""

RESULT = [
    [0, 10, 20, 30, 40],
    {"a": 1, "both": {"x": 2, "y": 3}, "z": {"x": 2, "y": 3}},
    "grow",
    ["wide[a]", "wide[b]"],
    "SKIP",
]

NAMES = {
    *("load", "group/a", "group/both/x", "group/both/y", "group/z", "last", "clean"),
    *(f"fan[{number}]" for number in range(5)),
    *(f"{name}{rest}" for name in ("grow", "grow/more", "wide[a]", "wide[b]") for rest in ("", "/first", "/last")),
}

SNAPSHOTS = """
import os
import pickle
from pathlib import Path

from flowrun.checkpointer import CheckpointContents, Checkpointer, checkpointer
from flowrun.errors import NoCheckpointAvailableError

@checkpointer
class Snapshots(Checkpointer):
    '''Keeps nothing but snapshots.'''

    async def write_checkpoint(self, name, content):
        with open("state.new", "wb") as file:
            pickle.dump(vars(content), file)
        os.replace("state.new", "state")

    async def read_checkpoint(self, name):
        try:
            return CheckpointContents(**pickle.loads(Path("state").read_bytes()))
        except FileNotFoundError:
            raise NoCheckpointAvailableError(name) from None

    async def clear_checkpoint(self, name):
        os.unlink("state")
"""


@dataclass
class Campaign:
    """One job, killed and continued until it ends."""

    project: Project
    random: Random
    is_exact: bool = True
    """Every completion is kept before anything follows from it."""
    kills: list[tuple[float, float]] = field(default_factory=list)
    """When each was, and when the last process was gone."""
    kept: list[set[str]] = field(default_factory=list)
    """What had ended before each kill, and something had followed from it."""
    faults: list[str] = field(default_factory=list)

    def prepare(self, checkpointer: str) -> None:
        """The job with an executor that is drawn."""
        self.is_exact = checkpointer != "Snapshots"
        executor = self.random.choice(["process", "thread", "async"])
        self.project.task_module(TASKS)
        self.project.job(
            JOB.format(
                slots=self.random.choice([0, 1, 3]),
                checkpointer=checkpointer,
                executor=executor,
                items="thread" if executor == "async" else executor,
                threads=self.random.choice(["process", "thread"]),
                give="GiveAwaiting" if executor == "async" else "Give",
            )
        )

    def run(self) -> None:
        """Kill it, each time at a random moment; then continue it until it completes."""
        for number in range(self.random.randint(1, 3)):
            started = self.project.start(*(["-r"] if number else []), "--output", "quiet")
            self._wait_for_a_moment(started)
            if started.is_over:
                if started.wait().status == 0:
                    return
                break
            at = started.kill()
            self.project.all_gone()
            self.kills.append((at, time.monotonic()))
            self.kept.append(self._dependencies_of_what_started())
            if self.project.count("last", "end"):
                return  # perhaps it had come to its end, and the next run would be a new one
        for _ in range(4):
            done = self.project.run("-r", "--output", "quiet")
            if done.status == 0:
                return
        self.faults.append(f"it does not come to its end: {done.text[-2000:]}")

    def _wait_for_a_moment(self, started: Started) -> None:
        wanted = len(self.project.marks()) + self.random.randint(0, 60)
        while len(self.project.marks()) < wanted and not started.is_over:
            time.sleep(0.002)
        time.sleep(self.random.random() * 0.02)

    def _dependencies_of_what_started(self) -> set[str]:
        """Tasks that must have been kept, since something that waits for them had started."""
        started = {mark.label for mark in self.project.marks(what="start")}
        waits = {"group/z": ["group/both/x", "group/both/y"], "group/both/x": ["group/a"]}
        waits |= {f"fan[{number}]": ["load"] for number in range(5)}
        waits |= {f"{name}/last": [f"{name}/first", name] for name in ("grow", "wide[a]", "wide[b]")}
        waits |= {"last": sorted(NAMES - {"last", "clean"})}
        return {it for name in started for it in waits.get(name, ())}

    def audit(self) -> list[str]:
        """Everything that is not as it must be."""
        marks = self.project.marks()
        for name in sorted(NAMES - {"clean"}):
            if not self.project.count(name, "end"):
                self.faults.append(f"{name} never ended")
        if stray := {mark.label for mark in marks} - NAMES:
            self.faults.append(f"ran, and should not: {stray}")
        values: list[Any] = [mark.more["value"] for mark in self.project.marks("last", "start")]
        if any(value != RESULT for value in values):
            self.faults.append(f"last was given {values}")
        for (_, gone), kept in zip(self.kills, self.kept, strict=True) if self.is_exact else ():
            again = {mark.label for mark in marks if mark.what == "start" and mark.at > gone} - {"clean"}
            self.faults += [f"{name} ran again although something had followed from it" for name in kept & again]
        for name in sorted(NAMES - {"clean"}):  # which cleans up after each try
            self._audit_starts(name)
        return self.faults

    def _audit_starts(self, name: str) -> None:
        """It starts again only after it failed, or if the runner was killed after it had started."""
        cut = [*self.kills, *((mark.at, mark.at) for mark in self.project.marks(name, "failed"))]
        for before, after in pairwise(self.project.marks(name, "start")):
            if not any(at < after.at and before.at < gone for at, gone in cut):
                self.faults.append(f"{name} started again although it had completed")


def perform(project: Project, seed: int) -> list[str]:
    random = Random(seed)
    project.file("extensions/snapshots.py", SNAPSHOTS)
    campaign = Campaign(project, random)
    campaign.prepare(["FileCheckpointer", "SQLiteCheckpointer", "Snapshots"][seed % 3])
    campaign.run()
    return campaign.audit()


@pytest.mark.parametrize("seed", range(12))
def test_a_killed_flow_comes_to_its_end(project: Project, seed: int) -> None:
    """Items and added tasks run once, a fan and a group give all their results, whatever was cut off."""
    faults = perform(project, seed)

    assert not faults, f"seed {seed}: " + "\n".join(faults)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_a_killed_flow_comes_to_its_end_two_hundred_times(project: Project, seed: int) -> None:
    """The same with other seeds."""
    faults = perform(project, seed)

    assert not faults, f"seed {seed}: " + "\n".join(faults)
