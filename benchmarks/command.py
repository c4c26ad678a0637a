"""Command: a program that is measured, from its spawn to its exit."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.005


class CommandFailed(Exception):
    """A measured program did not end as it should: its figure would mean nothing."""


@dataclass(frozen=True)
class Command:
    """What is started, where, and how it is to end. Its output goes nowhere, unless somebody reads it."""

    argv: Sequence[str | Path]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment of the benchmark."""
    status: int = 0
    """The exit status that is right."""

    def start(self, *, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """Spawn it and do not wait. With `subprocess.PIPE` what it says can be read."""
        return subprocess.Popen(
            [str(part) for part in self.argv],
            cwd=self.directory,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )

    def seconds(self) -> float:
        """Wall time of the whole process."""
        begin = time.perf_counter()
        status = self.start().wait()
        seconds = time.perf_counter() - begin
        self._check(status)
        return seconds

    def peak_bytes(self) -> float:
        """The most memory that it held."""
        process = self.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self._check(process.returncode)
        return usage.ru_maxrss * 1024.0

    def most_descriptors(self) -> int:
        """The most descriptors that it had open, as far as looking now and then can tell."""
        process = self.start()
        most = 0
        while process.poll() is None:
            most = max(most, _open_descriptors(process.pid))
            time.sleep(_LOOK_AGAIN_SECONDS)
        self._check(process.returncode)
        return most

    def own_seconds(self) -> float:
        """What it prints as its last line: seconds by its own clock, without its start-up."""
        done = subprocess.run(
            [str(part) for part in self.argv],
            cwd=self.directory,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
        self._check(done.returncode)
        return float(done.stdout.split()[-1])

    def _check(self, status: int) -> None:
        if status != self.status:
            raise CommandFailed(f"{' '.join(map(str, self.argv))} in {self.directory} ended with {_said(status)}")


def _said(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _open_descriptors(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:  # it has just ended
        return 0
