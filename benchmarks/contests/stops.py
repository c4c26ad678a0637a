"""Stops: SIGTERM and SIGKILL to the runner."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from ..contest import Claim, Contest, Figures
from ..jobfile import JobFile
from ..project import Project
from ..workload import independent
from ..workspace import Workspace

_LOOK_AGAIN_SECONDS = 0.001
_TASKS = 4


def stops(workspace: Workspace) -> Contest:
    """How long a runner takes to end, and how long its tasks outlive it."""
    project = workspace.project
    return Contest(
        parts=[lambda: _terminated(project), lambda: _killed(project)],
        claims=[
            Claim("SIGTERM to exit, four cooperative tasks", "to exit", at_most=0.5),
            Claim("kill -9 to the end of the last task", "orphans", at_most=2.0),
        ],
    )


def _terminated(project: Project) -> Figures:
    process, _pids = _started(project)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait()
    return {"to exit": time.monotonic() - begin}


def _killed(project: Project) -> Figures:
    process, pids = _started(project)
    begin = time.monotonic()
    process.kill()
    process.wait()
    while any(map(_is_alive, pids)):
        time.sleep(_LOOK_AGAIN_SECONDS)
    return {"orphans": time.monotonic() - begin}


def _started(project: Project) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A run whose tasks all wait, and the processes of the tasks."""
    pids = project.directory / "pids"
    pids.mkdir(exist_ok=True)
    for path in pids.iterdir():
        path.unlink()
    job = JobFile("stops", independent(_TASKS), ("task: WaitToBeStopped", f"parameters: {{directory: {pids}}}"))
    process = project.run(job).start()
    while len(os.listdir(pids)) < _TASKS:
        time.sleep(_LOOK_AGAIN_SECONDS)
    return process, [int(path.name) for path in pids.iterdir()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
