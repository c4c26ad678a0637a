"""The tasks that are measured."""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path

from flowrun.task import Task, task


@task
class Empty(Task):
    """Does nothing."""

    def run(self) -> None:
        """Nothing."""


@task
class EmptyAsync(Task):
    """Does nothing, on an event loop."""

    async def run(self) -> None:
        """Nothing."""


@task
class Load(Task):
    """Has parameters that must be checked."""

    day: date
    rows: int
    source: str = "warehouse"

    def run(self) -> None:
        """Nothing."""


@task
class Nap(Task):
    """Sleeps."""

    seconds: float

    def run(self) -> None:
        """Sleep."""
        time.sleep(self.seconds)


@task
class NapAsync(Task):
    """Sleeps, on an event loop."""

    seconds: float

    async def run(self) -> None:
        """Sleep."""
        import asyncio  # here, so that the starter of processes stays as lean as with other tasks

        await asyncio.sleep(self.seconds)


@task
class Burn(Task):
    """Uses the processor."""

    seconds: float

    def run(self) -> None:
        """Count until so much processor time is used."""
        end = time.process_time() + self.seconds
        while time.process_time() < end:
            sum(range(1000))


@task
class Talk(Task):
    """Prints."""

    lines: int

    def run(self) -> None:
        """Print numbered lines."""
        for number in range(self.lines):
            print("line", number, "of a task that has much to say")


@task
class Stamp(Task):
    """Writes down when it ran and when it ended, by the clock that all processes share."""

    path: Path

    def run(self) -> None:
        """The begin."""
        self._write("begin")

    def on_destroy(self) -> None:
        """The end."""
        self._write("end")

    def _write(self, what: str) -> None:
        with self.path.open("a") as file:
            file.write(f"{self.metadata.name} {what} {time.monotonic()}\n")


@task
class StampAndFail(Task):
    """Writes down when it ran, and fails, so that the run is never finished."""

    path: Path

    async def run(self) -> None:
        """Write the time."""
        self.path.write_text(f"{time.monotonic()}\n")
        raise RuntimeError("as it should")


@task
class WaitToBeStopped(Task):
    """Says who it is and waits."""

    directory: Path

    def run(self) -> None:
        """Make a file that is named by the process, and sleep."""
        (self.directory / str(os.getpid())).touch()
        time.sleep(600)


@task
class ListModules(Task):
    """Says what an attempt finds imported."""

    path: Path

    def run(self) -> None:
        """Write the names of the modules."""
        self.path.write_text("\n".join(sorted(sys.modules)))
