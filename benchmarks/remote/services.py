"""Services: programs that run beside what is measured, and end with this one."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .port import free_port, wait_for_port
from .workers import ROOT


def service(argv: Sequence[str | Path], directory: Path, environment: Mapping[str, str]) -> None:
    """Start a program, which is told to end when this one does."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        argv, cwd=directory, env={**os.environ, **environment}, stdin=quiet, stdout=quiet, stderr=quiet
    )
    atexit.register(process.wait)
    atexit.register(process.terminate)


def dask_cluster(directory: Path, workers: int) -> str:
    """Start a scheduler and workers with one thread each; gives its address."""
    port, environment = free_port(), {"PYTHONPATH": str(ROOT)}
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m"]
    where = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    service([*dask, "distributed.cli.dask_scheduler", *where], directory, environment)
    wait_for_port(port)
    how = ["--nworkers", str(workers), "--nthreads", "1", "--no-dashboard"]
    service([*dask, "distributed.cli.dask_worker", address, *how], directory, environment)
    return address
