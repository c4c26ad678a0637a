"""Fleet: the workers of an exam, which it starts, freezes, kills, and ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import flowrun
from flowrun.frq.keys import Keys

from ...project import eventually
from .scheduler import Scheduler

PYTHON = "python"
GO = "go"

SHORT_LEASE = "1s"
"""The shortest that the protocol allows, for what is about loss: it is taken over soon. A machine that is busy for a
second loses healthy workers with it, so everything else has the lease that workers have by themselves."""

LEASE_OF_THE_CUT_OFF = {PYTHON: "2s", GO: SHORT_LEASE}
"""In Python attempts have a quarter of it to write that they are cancelled: then they are killed."""

_PATIENCE_SECONDS = 60.0

_PROJECT = Path(__file__).parent / "project"
_SOURCE = Path(flowrun.__file__).parent.parent
_GO_SOURCE = _SOURCE / "go_worker"


def built_go_worker(directory: Path) -> Path:
    """The Go worker that serves the handlers of the exam."""
    go = shutil.which("go")
    assert go, "the exam of the Go worker needs Go; see https://go.dev/dl"
    target = directory / "examworker"
    built = subprocess.run(
        [go, "build", "-o", target, "./internal/examworker"], cwd=_GO_SOURCE, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return target


class Worker:
    """One worker process, and what it has started."""

    def __init__(self, kind: str, argv: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.kind = kind
        self.log = log
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                argv,
                cwd=_PROJECT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self._frozen: list[int] = []

    @property
    def pid(self) -> int:
        """That of the worker, not of `ip netns exec` or what else may have started it: those become it."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill the worker alone; what it has started has to notice."""
        self._process.kill()
        self._process.wait()

    def terminate(self) -> None:
        """Tell it to end."""
        self._process.terminate()

    def wait(self, seconds: float = 30.0) -> int:
        """Its exit status, when it has ended."""
        return self._process.wait(seconds)

    def freeze(self) -> None:
        """Stop it and all that it has started, as a machine that is suspended."""
        self._frozen = [self.pid, *descendants(self.pid)]
        for pid in self._frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in self._frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._frozen = []

    def end(self) -> None:
        """Leave nothing of it behind."""
        left = descendants(self.pid)
        self.thaw()
        for pid in (self.pid, *left):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()


def descendants(pid: int) -> list[int]:
    """Everything that a process has started, and what that has started."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                fields = Path("/proc", name, "stat").read_text(errors="replace").rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(name))
    found, next_ones = [], [pid]
    while next_ones:
        next_ones = [child for one in next_ones for child in children.get(one, [])]
        found += next_ones
    return found


class Fleet:
    """The workers of one queue."""

    def __init__(
        self,
        redis: Any,
        url: str,
        keys: Keys,
        kinds: Sequence[str],
        go_worker: Callable[[], Path],
        aside: Path,
        lease: str = "",
    ) -> None:
        """`redis` reads bytes. Workers that are started without a kind have these `kinds` in turn."""
        self.redis = redis
        self.url = url
        self.keys = keys
        self.kinds = kinds
        self.lease = lease
        self.workers: list[Worker] = []
        self._go_worker = go_worker
        self._aside = aside

    def start(self, count: int = 1, *, kind: str = "", prefix: Sequence[str] = (), **settings: object) -> list[Worker]:
        """Start workers and wait until they serve. `settings` are those of the environment; `prefix` starts them."""
        before = self._serving()
        made = []
        for _ in range(count):
            made.append(self._started(kind or self.kinds[len(self.workers) % len(self.kinds)], prefix, settings))
        eventually(lambda: len(self._serving() - before) >= count or self._refuse_ended(made), _PATIENCE_SECONDS)
        return made

    def launch(self, **settings: object) -> Worker:
        """Start one worker and do not wait."""
        return self._started(self.kinds[len(self.workers) % len(self.kinds)], (), settings)

    def one(self, **settings: Any) -> Worker:
        """Start one worker and wait until it serves."""
        return self.start(**settings)[0]

    def holder_of(self, attempt_id: str, scheduler: Scheduler) -> Worker:
        """The worker that has begun an attempt, when it has."""

        def name() -> str:
            scheduler.look()
            return next((it.worker for it in scheduler.started if it.id == attempt_id), "")

        pid = int(self.redis.hget(self.keys.worker(eventually(name)), "pid"))
        return next(worker for worker in self.workers if worker.pid == pid)

    def running(self) -> list[int]:
        """How many attempts each worker has, as it says itself."""
        return [int(self.redis.hget(self.keys.worker(name.decode()), "running") or 0) for name in self._serving()]

    def end(self) -> None:
        """Leave nothing behind."""
        for worker in self.workers:
            worker.end()

    def said(self) -> str:
        """The end of what each worker has written."""
        return "\n".join(f"--- {it.kind} {it.pid}\n{it.log.read_text(errors='replace')[-3000:]}" for it in self.workers)

    def _started(self, kind: str, prefix: Sequence[str], settings: Mapping[str, object]) -> Worker:
        environment = {
            "FLOWRUN_REDIS_URL": self.url,
            "FLOWRUN_QUEUE": self.keys.queue,
            "FLOWRUN_PREFIX": self.keys.prefix,
            "FLOWRUN_SLOTS": "4",
            "FLOWRUN_GRACE": "1s",
            "FLOWRUN_LISTEN": "127.0.0.1:0",
            **({"FLOWRUN_LEASE": self.lease} if self.lease else {}),
            **{f"FLOWRUN_{name.upper()}": str(value) for name, value in settings.items()},
            "PYTHONPATH": str(_SOURCE),
            "NO_COLOR": "1",
        }
        argv = [str(self._go_worker())] if kind == GO else [sys.executable, "-m", "flowrun", "worker", "--no-reload"]
        log = self._aside / f"worker{len(self.workers)}.log"
        self.workers.append(Worker(kind, [*prefix, *argv], environment, log))
        return self.workers[-1]

    def _serving(self) -> set[bytes]:
        names = self.redis.zrange(self.keys.workers, 0, -1)
        return {name for name in names if self.redis.exists(self.keys.worker(name.decode()))}

    def _refuse_ended(self, made: Sequence[Worker]) -> bool:
        assert not any(worker.is_over for worker in made), self.said()
        return False


def marks(path: Path) -> list[list[str]]:
    """The lines that handlers have written, as words."""
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def of(path: Path, what: str) -> Iterator[list[str]]:
    """Those of one kind."""
    return (line for line in marks(path) if line[0] == what)
