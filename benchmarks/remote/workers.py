"""Workers: those of flowrun that are measured, in Go and in Python, with the handlers of the exam."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from redis import Redis

from flowrun.frq.keys import Keys

ROOT = Path(__file__).parents[2]
_PROJECT = ROOT / "tests" / "conformance" / "frq" / "project"
_PATIENCE_SECONDS = 60.0

GO = "go"
LEASE_SECONDS = 1.0


def built_go_worker(directory: Path) -> Path:
    """The program in Go, built in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / "examworker"
    subprocess.run(["go", "build", "-o", target, "./internal/examworker"], cwd=ROOT / "go_worker", check=True)
    return target


def start(kind: str, url: str, keys: Keys, go_worker: str, slots: int) -> subprocess.Popen[bytes]:
    """Start a worker and wait until it serves. `kind` is `go` or how a Python worker keeps attempts apart."""
    argv: Sequence[str] = [go_worker]
    if kind != GO:
        argv = [sys.executable, "-m", "flowrun", "worker", "--no-reload", "--isolation", kind]
    settings = {
        "FLOWRUN_REDIS_URL": url,
        "FLOWRUN_QUEUE": keys.queue,
        "FLOWRUN_SLOTS": str(slots),
        "FLOWRUN_LEASE": f"{LEASE_SECONDS:g}s",
        "FLOWRUN_LISTEN": "127.0.0.1:0",
        "PYTHONPATH": str(ROOT),
    }
    with Redis.from_url(url) as redis:
        serving = redis.zcard(keys.workers)
        process = subprocess.Popen(
            argv,
            cwd=_PROJECT,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(_end, process)
        wait_for_worker(redis, keys.queue, more_than=serving)
    return process


def wait_for_worker(redis: Redis, queue: str, more_than: int = 0) -> None:
    """Return when a queue has more workers than that. Raises TimeoutError if it never has."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while redis.zcard(Keys(queue=queue).workers) <= more_than:
        if time.monotonic() > end:
            raise TimeoutError(f"no worker began to serve the queue {queue}")
        time.sleep(0.01)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
