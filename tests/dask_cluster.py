"""DaskCluster: a scheduler and workers of a test's own, as processes that can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .project import eventually

_SOURCE = str(Path(__file__).resolve().parent.parent)


class DaskCluster:
    """Real processes on addresses of this machine, or in network namespaces."""

    def __init__(self, host: str = "127.0.0.1", *, allowed_failures: int = 3, protocol: str = "tcp") -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="flowrun-dask-test-"))
        self._host = host
        self._port = _free_port()
        self._protocol = protocol
        self.options: list[str] = []
        """Further arguments of every process: files for TLS."""
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            "PYTHONPATH": _SOURCE,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures),
        }

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return f"{self._protocol}://{self._host}:{self._port}"

    def start_scheduler(self, prefix: Sequence[str] = ()) -> None:
        """Start the scheduler, always on the same port, and wait until it listens."""
        arguments = ["--host", self._host, "--port", str(self._port), "--dashboard-address", f"{self._host}:0"]
        arguments += ["--protocol", self._protocol] if self._protocol != "tcp" else []
        self._start("scheduler", "scheduler", arguments, prefix)
        self._until("scheduler", "Scheduler at:")

    def start_worker(
        self, name: str, *arguments: str, prefix: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        """Start one worker, below a nanny, and wait until the scheduler knows it."""
        self.environment |= environment or {}
        scratch = ["--local-directory", str(self.directory), "--no-dashboard", "--nanny"]
        self._start(name, "worker", [self.address, "--name", name, *scratch, *arguments], prefix)
        self._until(name, "Registered to:")

    def kill(self, name: str) -> None:
        """Kill a process of the cluster; a nanny takes its worker with it."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def pid(self, name: str) -> int:
        """The process of the scheduler, or the nanny of a worker."""
        return self._processes[name].pid

    def said(self, name: str) -> str:
        """What a process has written."""
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End everything."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self, name: str, what: str, arguments: Sequence[str], prefix: Sequence[str]) -> None:
        leash = [*prefix, sys.executable, "-m", "flowrun.executors.dask_cluster.leashed", str(os.getpid())]
        with open(self.directory / f"{name}.log", "wb") as log:
            self._processes[name] = subprocess.Popen(
                [*leash, f"distributed.cli.dask_{what}", *arguments, *self.options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def _until(self, name: str, text: str) -> None:
        process = self._processes[name]
        eventually(lambda: text in self.said(name) or process.poll() is not None, 60.0)
        assert process.poll() is None, self.said(name)


@contextlib.contextmanager
def dask_cluster(workers: int = 2, *more: str, threads: int = 1, allowed_failures: int = 3) -> Iterator[DaskCluster]:
    """A cluster with workers `w0`, `w1`, …; `more` are arguments of each."""
    cluster = DaskCluster(allowed_failures=allowed_failures)
    try:
        cluster.start_scheduler()
        for number in range(workers):
            cluster.start_worker(f"w{number}", "--nthreads", str(threads), *more)
        yield cluster
    finally:
        cluster.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
