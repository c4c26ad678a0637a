"""Stopping: a run of this machine is asked to end by somebody else than who started it."""

from __future__ import annotations

import os

from ..errors import UsageError
from ..os_process import OSProcess
from .reader import History
from .rows import RunRow


class NotStoppableError(UsageError):
    """The run is over, or it goes on where it cannot be reached."""


def is_here(run: RunRow) -> bool:
    """The run goes on, on this machine."""
    return not run.is_over and run.host == os.uname().nodename


def stop(history: History, run: RunRow, *, now: bool = False) -> OSProcess:
    """Ask a run to end, as Ctrl-C does; with `now` its tasks are killed. Gives the process that ends.

    Raises NotStoppableError if there is nothing to stop.
    """
    found = history.process(run.id) if is_here(run) else None
    process = OSProcess(*found) if found is not None else None
    try:
        is_asked = process is not None and process.stop(now=now)
    except PermissionError:
        raise NotStoppableError(f"run {run.id} cannot be stopped: its process belongs to {run.user}") from None
    if process is None or not is_asked:
        where = f", it runs on {run.host}" if not run.is_over else f", it is {run.state}"
        raise NotStoppableError(f"run {run.id} cannot be stopped from here{where}")
    return process
