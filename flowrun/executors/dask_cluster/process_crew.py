"""ProcessCrew: each attempt in a process of its own, forked from a warm starter.

Nothing of the user's is imported in the Dask worker: that is done by the starter. So code that holds the interpreter
cannot keep the worker from its heartbeat, and what a task leaves behind dies with it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from ...attempt import Attempt, Outcome, Reason
from ...shared_values import SharedValues
from ..carrier import ProcessCarrier
from ..executor import Emit, Ended, Workplace
from ..new_starter import start_interpreter
from .project import Project


class ProcessCrew:
    """A starter, and another one when that has died."""

    def __init__(self, project: Project, root: Path, workplace: Workplace) -> None:
        self._project = project
        self._root = root
        self._shared: dict[str, SharedValues] = {}
        self._workplace = replace(workplace, shared_of=lambda attempt: self._shared[attempt.full_id])
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115  lives as long as the crew
        self._is_proven = False
        """The present starter could be started."""
        self._carrier = self._started()

    async def begin(self, attempt: Attempt, shared: SharedValues, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed that sees these shared values; `ended` is called with its outcome."""
        carrier = self._carrier
        if carrier.is_gone:
            self._carrier = self._started()
            await carrier.close()
        self._shared[attempt.full_id] = shared

        def end(outcome: Outcome) -> None:
            self._shared.pop(attempt.full_id, None)
            ended(outcome)

        self._carrier.begin(attempt, emit, end)

    def command(self, attempt: Attempt, verb: bytes) -> bool:
        """Ask an attempt to end (`A`) or kill it (`K`). False: it has not begun."""
        if attempt.full_id not in self._shared:
            return False
        self._carrier.command(attempt, verb)
        return True

    def fault(self, outcome: Outcome) -> str:
        """Why the project cannot be loaded here, if that is why an attempt ended so; else empty."""
        if outcome.reason not in (Reason.LOST, Reason.NOT_STARTED):
            self._is_proven = True
        return "" if self._is_proven else self._said_by_starter()

    async def close(self) -> None:
        """End everything that is under way."""
        await self._carrier.close()

    def _started(self) -> ProcessCarrier:
        self._is_proven = False
        self._errors.truncate(0)
        key = self._project.state_key
        environment = {**os.environ, **({"FLOWRUN_STATE_KEY": key} if key else {})}
        needs = {**self._project.needs(self._root), "path": [*sys.path, str(self._root)]}
        process, commands = start_interpreter(needs, environment, self._errors)
        return ProcessCarrier(self._workplace, "fork", process, commands)

    def _said_by_starter(self) -> str:
        """The last line of a starter that could not start: the exception."""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "backslashreplace").strip().splitlines()
        return lines[-1] if lines else ""
