"""The stock of task classes: copied into every project of the acceptance tests as `tasks/stock.py`."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from typing import Any

from flowrun.task import Task, task

__all__ = ["AsyncStep", "Busy", "Fails", "FailsUntilFlag", "Step", "Task", "Traced", "asyncio", "mark", "os"]
__all__ += ["subprocess", "sys", "task", "time"]


def mark(label: str, what: str, attempt: int = 0, **more: Any) -> None:
    """Append a mark to the file outside of the project: one write, so that marks never mix."""
    pid, at = os.getpid(), time.monotonic()
    head = {"label": label, "what": what, "pid": pid, "born": _birth(pid), "at": at, "attempt": attempt}
    text = json.dumps({**head, "more": more})
    descriptor = os.open(os.environ["MARKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)


def _birth(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


class Traced(Task):
    """Leaves a mark in every hook, under the name of the task."""

    def mark(self, what: str, **more: Any) -> None:
        mark(self.metadata.name, what, self.metadata.attempt, **more)

    def on_create(self) -> None:
        self.mark("on_create")

    def on_restart(self) -> None:
        self.mark("on_restart")

    def on_success(self) -> None:
        self.mark("on_success")

    def on_failure(self) -> None:
        self.mark("on_failure")

    def on_destroy(self) -> None:
        self.mark("on_destroy")

    def on_abort(self) -> None:
        self.mark("on_abort")

    def rest(self, seconds: float) -> None:
        """Sleep as long as nobody asks for an end; a thread has to look."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.aborting:
            time.sleep(min(0.02, seconds))


@task
class Step(Traced):
    """Marks its start and its end."""

    seconds: float = 0.0
    waits_for: str = ""
    """A file that must exist before it ends."""

    def run(self) -> str:
        self.mark("start")
        self.rest(self.seconds)
        while self.waits_for and not os.path.exists(self.waits_for) and not self.aborting:
            time.sleep(0.01)
        if not self.aborting:
            self.mark("end")
        return self.metadata.name


@task
class AsyncStep(Traced):
    """The same as a coroutine."""

    seconds: float = 0.0

    async def run(self) -> str:
        self.mark("start")
        await asyncio.sleep(self.seconds)
        self.mark("end")
        return self.metadata.name


@task
class Fails(Traced):
    """Fails in its first attempts."""

    times: int = 1_000_000

    def run(self) -> None:
        self.mark("start")
        if self.metadata.attempt <= self.times:
            raise ValueError(f"planned failure {self.metadata.attempt}")
        self.mark("end")


@task
class FailsUntilFlag(Traced):
    """Fails as long as a file does not exist."""

    flag: str

    def run(self) -> None:
        self.mark("start")
        if not os.path.exists(self.flag):
            raise ValueError("planned failure: there is no flag")
        self.mark("end")


@task
class Busy(Traced):
    """Works until it is stopped. `helper` is a program of its own that it starts: a child, or one that leaves."""

    helper: str = ""
    stubborn: bool = False
    """Goes on whatever happens in it."""

    def run(self) -> None:
        self.mark("start")
        if self.helper:
            subprocess.Popen(["sleep", "600"], start_new_session=self.helper == "own session")
        self.mark("ready")
        while not self.aborting or self.stubborn:
            try:
                time.sleep(0.02)
            except BaseException:
                if not self.stubborn:
                    raise
        if not self.aborting:
            self.mark("end")
