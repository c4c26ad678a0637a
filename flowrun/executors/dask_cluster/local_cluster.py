"""LocalCluster: a scheduler and workers on this machine, as processes that end with the run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

from ...errors import ServiceUnreachableError
from .settings import Endpoint, LocalSettings

_START_SECONDS = 60.0
_LOOK_SECONDS = 0.02


class LocalCluster:
    """Listens on the loopback interface only, and has no dashboard."""

    def __init__(self, settings: LocalSettings, max_deliveries: int) -> None:
        self._settings = settings
        self._max_deliveries = max_deliveries
        self._directory = Path()
        self._processes: list[subprocess.Popen[bytes]] = []

    async def open(self) -> Endpoint:
        """Start it. Raises ServiceUnreachableError if that fails."""
        self._directory = Path(mkdtemp(prefix="flowrun-dask-"))
        shared = ["--host", "127.0.0.1", "--scheduler-file", str(self._file)]
        it = self._settings
        threads = it.threads or max(1, (os.cpu_count() or 1) // it.workers)
        size = ["--nworkers", str(it.workers), "--nthreads", str(threads), "--memory-limit", it.memory_limit]
        scratch = ["--local-directory", str(self._directory), "--death-timeout", "60"]
        self._start("scheduler", *shared, "--port", "0", "--dashboard-address", "127.0.0.1:0")
        self._start("worker", *shared, "--nanny", "--no-dashboard", *size, *scratch)
        return Endpoint(await self._address())

    async def close(self) -> None:
        """End it at once: the run has said goodbye, and what a worker leaves behind ends with the worker."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
        self._processes.clear()
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    @property
    def _file(self) -> Path:
        return self._directory / "scheduler.json"

    def _start(self, what: str, *arguments: str) -> None:
        leash = [sys.executable, "-m", "flowrun.executors.dask_cluster.leashed", str(os.getpid())]
        environment = {
            **os.environ,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(self._max_deliveries - 1),
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "30s",
        }
        with open(self._directory / f"{what}.log", "wb") as log:
            process = subprocess.Popen(
                [*leash, f"distributed.cli.dask_{what}", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self._processes.append(process)

    async def _address(self) -> str:
        """Where the scheduler listens, as soon as it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while all(process.poll() is None for process in self._processes):
                    with contextlib.suppress(OSError, ValueError):  # not there yet, or half of it
                        return str(json.loads(self._file.read_text())["address"])
                    await asyncio.sleep(_LOOK_SECONDS)
        said = [line for log in self._directory.glob("*.log") for line in log.read_text(errors="replace").splitlines()]
        await self.close()
        raise ServiceUnreachableError(
            f"no Dask cluster can be started here: {said[-1] if said else 'nothing was said'}"
        )
