"""Project: a directory in which jobs run through the command line, and what can be seen of it from outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

import flowrun

_STOCK = Path(__file__).parent / "acceptance" / "stock.py"
_SOURCE = str(Path(flowrun.__file__).parent.parent)
_PATIENCE_SECONDS = 60.0
"""Nothing here takes so long, on however slow a machine."""


def eventually(fact: Callable[[], Any], seconds: float = _PATIENCE_SECONDS) -> Any:
    """Wait until something is true, and give it. Fails if it never is."""
    end = time.monotonic() + seconds
    while not (value := fact()):
        assert time.monotonic() < end, f"waited {seconds:g} s in vain"
        time.sleep(0.01)
    return value


@dataclass(frozen=True)
class Mark:
    """What a task wrote about itself at one moment."""

    label: str
    what: str
    pid: int
    born: str
    """When its process was started, which tells a reused number apart."""
    at: float
    """Seconds on the monotonic clock."""
    attempt: int = 0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @cached_property
    def _records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines() if line.startswith('{"group"')]

    @cached_property
    def report(self) -> dict[str, Any]:
        """The report, of a run that was shown as JSON."""
        reports = [record["body"] for record in self._records if record["event"] == "Report"]
        assert reports, f"no report; status {self.status}\n{self}"
        return dict(reports[0])

    @property
    def states(self) -> dict[str, str]:
        """The last state of each task."""
        return {task["name"]: task["state"] for task in self.report["tasks"]}

    def task(self, name: str) -> dict[str, Any]:
        """What the report says of a task."""
        return next(task for task in self.report["tasks"] if task["name"] == name)

    def outcome(self, name: str) -> dict[str, Any]:
        """The outcome of the last attempt of a task, as the transition tells it."""
        outcomes = [move["outcome"] for move in self._moves(name) if move["outcome"]]
        return dict(outcomes[-1])

    def message(self, name: str) -> str:
        """Why a task did not complete, in the words of its outcome."""
        return str((self.task(name)["outcome"] or {}).get("message", ""))

    def reason(self, name: str) -> str:
        """How the last attempt of a task ended."""
        return str((self.task(name)["outcome"] or {}).get("reason", ""))

    def moves(self, name: str) -> str:
        """The states that a task went through, as letters."""
        moves = self._moves(name)
        return "".join([move["from_state"] for move in moves[:1]] + [move["to_state"] for move in moves])

    def progress(self, name: str) -> list[dict[str, Any]]:
        """What a task said of how far it is, in order."""
        told = [record["body"] for record in self._records if record["event"] == "ProgressEvent"]
        return [{key: one[key] for key in ("done", "total", "message")} for one in told if one["name"] == name]

    def _moves(self, name: str) -> list[dict[str, Any]]:
        moves = [record["body"] for record in self._records if record["event"] == "ExecutionStateTransition"]
        return [move for move in moves if move["name"] == name]

    @property
    def text(self) -> str:
        """Everything it said."""
        return self.out + self.err

    def __str__(self) -> str:
        return f"status {self.status}\n{self.out[-500:]}\n--- stderr\n{self.err[-3000:]}"


class Started:
    """A command that is running, with its output in files, so that it never waits for us."""

    def __init__(self, argv: list[str], aside: Path, number: int, **options: Any) -> None:
        self._paths = aside / f"out{number}", aside / f"err{number}"
        with contextlib.ExitStack() as files:
            out, err = (files.enter_context(path.open("wb")) for path in self._paths)
            options = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err, "start_new_session": True, **options}
            self._process = subprocess.Popen(argv, **options)
        self.pid = self._process.pid

    @property
    def is_over(self) -> bool:
        """The command has ended."""
        return self._process.poll() is not None

    def so_far(self) -> str:
        """What it has written to its output until now."""
        return self._paths[0].read_text(encoding="utf-8", errors="replace")

    def said_so_far(self) -> str:
        """What it has said to a person until now."""
        return self._paths[1].read_text(encoding="utf-8", errors="replace")

    def signal(self, number: int) -> None:
        """Send a signal to the command alone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def has_taken(self, number: int) -> bool:
        """No signal of this number that was sent to the command waits to interrupt it."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (pending,) = (int(line.split()[1], 16) for line in lines if line.startswith("ShdPnd:"))
        return not pending >> (number - 1) & 1

    def signal_group(self, number: int) -> None:
        """Send a signal to the whole group, as a terminal does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> float:
        """Kill the runner; gives the moment at which it was done."""
        at = time.monotonic()
        self.signal(signal.SIGKILL)
        self._process.wait()
        return at

    def wait(self, seconds: float = _PATIENCE_SECONDS) -> Finished:
        """Wait until the command has ended."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal_group(signal.SIGKILL)
            self._process.wait()
            raise AssertionError(f"did not end within {seconds:g} s\n{self._finished(-9)}") from None
        return self._finished(status)

    def _finished(self, status: int) -> Finished:
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in self._paths)
        return Finished(status, out, err)


class Project:
    """A project with a stock of task classes, and a file outside of it in which they leave their marks."""

    def __init__(self, root: Path, aside: Path) -> None:
        self.root = root
        self.aside = aside
        root.mkdir(exist_ok=True)
        aside.mkdir()
        self.environment: dict[str, str] = {
            "MARKS": str(aside / "marks"),
            "PYTHONPATH": _SOURCE,
            "NO_COLOR": "1",
            "TERM": "dumb",
        }
        self._started: list[Started] = []
        self.task_module(_STOCK.read_text(), "stock")

    # What is in it.

    def file(self, path: str, text: str = "") -> Path:
        """Write a file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def task_module(self, source: str, name: str = "mine") -> Path:
        """Write a module with task classes; those of the stock are at hand in it."""
        head = "" if name == "stock" else "from tasks.stock import *\n"
        return self.file(f"tasks/{name}.py", head + source)

    def job(self, tasks: str | Mapping[str, Any], *, file: str = "job.yaml", **sections: Any) -> Path:
        """Write a job file: its text, or its tasks by name; a bare class name stands for a task without more."""
        if isinstance(tasks, str):
            return self.file(file, tasks)
        entries = {name: {"task": task} if isinstance(task, str) else task for name, task in tasks.items()}
        whole = {**sections, "config": {"name": "job", **sections.get("config", {})}, "tasks": entries}
        return self.file(file, yaml.safe_dump(whole, sort_keys=False))

    @property
    def flag(self) -> Path:
        """A file for which the tasks of the stock wait."""
        return self.aside / "flag"

    # What is run in it.

    def start(self, *arguments: str, job: str = "job.yaml", **options: Any) -> Started:
        """Start a run of a job; how it is shown is JSON unless the arguments say something else."""
        shown = () if any(one.startswith("--output") for one in arguments) else ("--output", "json")
        return self.command("run", "-j", job, *shown, *arguments, **options)

    def run(
        self, *arguments: str, job: str = "job.yaml", seconds: float = _PATIENCE_SECONDS, **options: Any
    ) -> Finished:
        """Run a job to its end."""
        return self.start(*arguments, job=job, **options).wait(seconds)

    def command(self, *arguments: str, **options: Any) -> Started:
        """Start any command of flowrun."""
        return self.python("-m", "flowrun", *arguments, **options)

    def python(self, *arguments: str, **options: Any) -> Started:
        """Start a Python of this project."""
        options = {"cwd": self.root, "env": {**os.environ, **self.environment}, **options}
        started = Started([sys.executable, *arguments], self.aside, len(self._started), **options)
        self._started.append(started)
        return started

    # What is seen of it.

    def marks(self, label: str | None = None, what: str | None = None) -> list[Mark]:
        """The marks in order, all or some of them."""
        path = Path(self.environment["MARKS"])
        lines = path.read_text().split("\n")[:-1] if path.exists() else []  # one may be on its way into the file
        found = [Mark(**json.loads(line)) for line in lines]
        return [mark for mark in found if label in (None, mark.label) and what in (None, mark.what)]

    def hooks(self, label: str, pid: int | None = None) -> list[str]:
        """What a task did, in order."""
        return [mark.what for mark in self.marks(label) if pid in (None, mark.pid)]

    def count(self, label: str, what: str = "start") -> int:
        """How often a task did something."""
        return len(self.marks(label, what))

    def wait_for_mark(self, label: str, what: str = "start", count: int = 1) -> Mark:
        """Wait until a task has done something so often. Fails if all commands are over before."""
        eventually(lambda: self.count(label, what) >= count or self._is_over())
        found = self.marks(label, what)
        assert len(found) >= count, "\n".join(str(one.wait()) for one in self._started if one.is_over)
        return found[count - 1]

    def _is_over(self) -> bool:
        return bool(self._started) and all(one.is_over for one in self._started)

    def log(self, task: str) -> str:
        """What the file logger has written of a task, in all runs."""
        files = sorted(self.root.glob(f"logs/*/{task}.log"))
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def log_lines(self, task: str) -> list[tuple[str, str]]:
        """Severity and message of each line in the log of a task."""
        return re.findall(r"^\[[^\]]+\] (\w+) - (.*)$", self.log(task), re.MULTILINE)

    def alive(self) -> list[int]:
        """Processes that belong to this project: they have its environment, or left a mark."""
        return sorted({*self._with_environment(), *self._of_marks()})

    def _with_environment(self) -> Iterator[int]:
        needle = f"MARKS={self.environment['MARKS']}\0".encode()
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid() and birth(int(name)):
                with contextlib.suppress(OSError):
                    if needle in Path("/proc", name, "environ").read_bytes():
                        yield int(name)

    def _of_marks(self) -> Iterator[int]:
        for pid, born in {(mark.pid, mark.born) for mark in self.marks()}:
            if birth(pid) == born and pid != os.getpid():
                yield pid

    def all_gone(self, seconds: float = 20.0) -> bool:
        """Whether, within this time, no process of this project is left."""
        with contextlib.suppress(AssertionError):
            eventually(lambda: not self.alive(), seconds)
        return not self.alive()

    def end_everything(self) -> None:
        """Leave nothing behind."""
        for started in self._started:
            if not started.is_over:
                started.kill()
        while left := self.alive():
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)


def birth(pid: int) -> str:
    """When a process was started, in ticks since boot; empty: there is none, or it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
