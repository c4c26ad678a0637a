"""Kills at random moments, several for each job, and an audit of what was recorded and what really ran.

Twenty-five points in the normal run, three hundred with `-m full`. The number in the name of a test is its seed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Mark, Project, Started

TRACKED = """
def history(label: str) -> list[dict]:
    with open(os.environ["MARKS"]) as file:
        whole = file.read().split("\\n")[:-1]
    return [one for one in map(json.loads, whole) if one["label"] == label]

def is_alive(pid: int, born: str) -> bool:
    try:
        fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX" and fields[19] == born

class Tracked(Traced):
    seconds: float

    def begin(self) -> None:
        name = self.metadata.name
        self.mark("start")
        for before in history(name):
            if before["pid"] != os.getpid() and is_alive(before["pid"], before["born"]):
                self.mark("overlap", other=before["pid"])
        for dependency in self.metadata.depends_on:
            if self.shared_dict.get(dependency) != f"of {dependency}":
                self.mark("missing", value=dependency)
        self.shared_dict[name] = f"of {name}"

@task
class Plain(Tracked):
    def run(self) -> str:
        self.begin()
        time.sleep(self.seconds)
        self.mark("end")
        return self.metadata.name

@task
class Awaiting(Tracked):
    async def run(self) -> str:
        self.begin()
        await asyncio.sleep(self.seconds)
        self.mark("end")
        return self.metadata.name
"""


@dataclass
class Campaign:
    """One job, killed and continued until it ends."""

    project: Project
    random: Random
    dependencies: dict[str, list[str]] = field(default_factory=dict)
    kills: list[float] = field(default_factory=list)
    recorded: list[tuple[float, set[str]]] = field(default_factory=list)
    """After each kill: when it was, and which tasks the journal says have completed."""
    faults: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Thirteen tasks in four layers with joins, in changing executors."""
        tasks = {}
        for layer in range(4):
            for place in range(3):
                before = [f"t{layer - 1}{place}", f"t{layer - 1}{(place + 1) % 3}"] if layer else []
                executor = self.random.choice(["process", "process", "thread", "async"])
                tasks[f"t{layer}{place}"] = {
                    "task": "Awaiting" if executor == "async" else "Plain",
                    "executor": executor,
                    "dependencies": before,
                    "parameters": {"seconds": self.random.choice([0.0, 0.01, 0.03])},
                }
        names = [f"t3{place}" for place in range(3)]
        tasks["last"] = {"task": "Plain", "dependencies": names, "parameters": {"seconds": 0.0}}
        self.dependencies = {name: list(task["dependencies"]) for name, task in tasks.items()}
        self.project.task_module("import json\n" + TRACKED)
        self.project.job(tasks, config={"max_concurrency": self.random.choice([0, 2, 4])})

    def run(self) -> None:
        """Kill the runs of the job, each at a random moment, and let the last one end."""
        for number in range(self.random.randint(1, 3)):
            started = self.project.start(*(["-r"] if number else []), "--output", "quiet")
            self._wait_for_a_moment(started)
            if started.is_over:
                self._judge(started.wait())
                return
            self._kill(started)
            if self._is_complete():
                return
        self._judge(self.project.run("-r", "--output", "quiet"))

    def _judge(self, done: Finished) -> None:
        if done.status:
            self.faults.append(f"the last run ended with {done.status}: {done.text[-2000:]}")

    def _wait_for_a_moment(self, started: Started) -> None:
        """After a random number of marks, and then a random while."""
        wanted = len(self.project.marks()) + self.random.randint(0, 40)
        while len(self.project.marks()) < wanted and not started.is_over:
            time.sleep(0.002)
        time.sleep(self.random.random() * 0.03)

    def _kill(self, started: Started) -> None:
        if self.random.random() < 0.4:  # the processes of a whole container at once
            for pid in self.project.alive():
                if pid != started.pid:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        at = started.kill()
        self.kills.append(at)
        self.recorded.append((at, self._completed_in_the_journal()))
        if self.random.random() < 0.5 and not self.project.all_gone():
            self.faults.append("processes of a killed run are alive")

    def _completed_in_the_journal(self) -> set[str]:
        states: dict[str, str] = {}
        for journal in (self.project.root / ".flowrun" / "job").glob("*.journal"):
            for line in journal.read_bytes().splitlines():
                with contextlib.suppress(ValueError):  # the last line may be cut off
                    record = json.loads(line)
                    for letter, names in record.get("states", {}).items():
                        states.update(dict.fromkeys(names, letter))
                    if "task" in record:
                        states[record["task"]] = record["state"]
        return {name for name, state in states.items() if state == "C"}

    def _is_complete(self) -> bool:
        """The kill came when all was done: the next run would be a new one."""
        is_kept = any((self.project.root / ".flowrun" / "job").glob("*.journal"))
        return not is_kept and all(self.project.count(name, "end") for name in self.dependencies)

    def audit(self) -> list[str]:
        """Everything that is not as it must be."""
        marks = self.project.marks()
        self.faults += [
            f"{mark.label}: {mark.what} {mark.more}" for mark in marks if mark.what in ("overlap", "missing")
        ]
        for name in self.dependencies:
            self._audit_task(name, [mark for mark in marks if mark.label == name])
        for at, completed in self.recorded:
            again = {mark.label for mark in marks if mark.what == "start" and mark.at > at}
            self.faults += [
                f"{name} ran again although its completion was recorded" for name in sorted(completed & again)
            ]
        if not self.project.all_gone():
            self.faults.append(f"alive at the end: {self.project.alive()}")
        return self.faults

    def _audit_task(self, name: str, marks: list[Mark]) -> None:
        starts = [mark for mark in marks if mark.what == "start"]
        if not any(mark.what == "end" for mark in marks):
            self.faults.append(f"{name} never ended")
        if len(starts) > 1 + len(self.kills):
            self.faults.append(f"{name} started {len(starts)} times with {len(self.kills)} kills")
        for start in starts:
            if any(mark.at > start.at and mark.attempt < start.attempt for mark in marks):
                self.faults.append(f"{name}: an earlier attempt still worked after attempt {start.attempt} began")
            for dependency in self.dependencies[name]:
                if not any(end.at <= start.at for end in self.project.marks(dependency, "end")):
                    self.faults.append(f"{name} started before {dependency} had ended")


def perform(project: Project, seed: int) -> list[str]:
    campaign = Campaign(project, Random(seed))
    campaign.prepare()
    campaign.run()
    return campaign.audit()


@pytest.mark.parametrize("seed", range(25))
def test_a_killed_job_comes_to_its_end(project: Project, seed: int) -> None:
    """Nothing recorded runs again, nothing is lost, nothing overlaps, nobody survives. FM-71, X-FM-07, X-FM-21"""
    faults = perform(project, seed)

    assert not faults, f"seed {seed}: " + "\n".join(faults)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_a_killed_job_comes_to_its_end_three_hundred_times(project: Project, seed: int) -> None:
    """The same with other seeds. FM-71, X-FM-07, X-FM-21"""
    faults = perform(project, seed)

    assert not faults, f"seed {seed}: " + "\n".join(faults)
