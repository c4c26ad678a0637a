"""The handlers of the exam in Python: `tests/protocol/README.md` says what each does."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from flowrun.errors import PermanentError
from flowrun.task import Task, task


class Marking(Task):
    """Tells a file what happens to it."""

    mark: str = ""

    def write(self, what: str, *more: object) -> None:
        who = f"{self.metadata.run_id}/{self.metadata.name}/{self.metadata.attempt}"
        if not self.mark:
            return
        descriptor = os.open(self.mark, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, " ".join(map(str, (what, who, *more))).encode() + b"\n")
        finally:
            os.close(descriptor)

    def write_here(self, what: str) -> None:
        self.write(what, os.environ.get("FLOWRUN_DELIVERY", 0), os.getpid())


@task("exam.echo")
def echo(value: Any) -> Any:
    """Return the value."""
    return value


@task("exam.sleep")
class Sleep(Marking):
    """Wait, and end early when it is cancelled."""

    seconds: float

    def run(self) -> float:
        self.write_here("start")
        end = time.monotonic() + self.seconds
        while (left := end - time.monotonic()) > 0 and not self.aborting:
            time.sleep(min(left, 0.02))
        if not self.aborting:
            self.write_here("end")
        return self.seconds

    def on_abort(self) -> None:
        self.write("cancelled")


@task("exam.block")
class Block(Marking):
    """Wait, and take no notice when it is cancelled."""

    seconds: float

    def run(self) -> float:
        self.write_here("start")
        end = time.monotonic() + self.seconds
        while (left := end - time.monotonic()) > 0:
            try:
                time.sleep(min(left, 0.02))
            except BaseException:  # whatever happens in it
                continue
        self.write_here("end")
        return self.seconds


@task("exam.fail")
def fail(message: str = "", permanent: bool = False) -> None:
    """Fail."""
    raise PermanentError(message) if permanent else RuntimeError(message)


@task("exam.crash")
class Crash(Marking):
    """Kill the process."""

    def run(self) -> None:
        self.write_here("start")
        os.kill(os.getpid(), signal.SIGKILL)


@task("exam.log")
def log(lines: int, width: int) -> None:
    """Write lines to the standard output."""
    for number in range(1, lines + 1):
        print(f"{number} ".ljust(width, "x"))


@task("exam.big")
def big(bytes: int) -> str:
    """Return a long text."""
    return "x" * bytes
