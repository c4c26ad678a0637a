"""ThreadCrew: attempts in threads of the Dask worker itself, as Dask has its own tasks performed.

The worker imports the project. Its files stay at one place of the worker for as long as they are the same, so the
next run of an unchanged project finds its modules as they are.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

from ...attempt import Attempt, Outcome, Reason
from ...shared_values import SharedValues
from ..capture import attempts_heard
from ..executor import Emit, Ended, Workplace
from ..thread import ThreadExecutor
from .project import Project

_FINDER = "flowrun.starting"
"""Finds the classes of a project anew. As a program it does so for processes; it is above this room."""

_importing = Lock()
"""One for this process, as its modules are: runs may begin here at the same time."""


class ThreadCrew:
    """A pool of threads, and the shared values of each attempt in it."""

    def __init__(self, executor: ThreadExecutor, shared: dict[str, SharedValues], fault: str) -> None:
        """`fault`: why the project could not be loaded."""
        self._executor = executor
        self._shared = shared
        self._fault = fault
        self._errands: set[asyncio.Future[None]] = set()
        self._streams = ExitStack()
        self._streams.enter_context(attempts_heard())

    @classmethod
    async def opened(cls, project: Project, root: Path, workplace: Workplace, slots: int) -> ThreadCrew:
        """Import the project."""
        if project.state_key:
            os.environ["FLOWRUN_STATE_KEY"] = project.state_key
        shared: dict[str, SharedValues] = {}
        workplace = replace(workplace, root=root, is_remote=True, shared_of=lambda it: shared[it.full_id])
        variants: Any = {}
        fault = ""
        try:
            variants = await asyncio.to_thread(_classes, project.needs(root))
        except BaseException as error:  # code of the user's
            if isinstance(error, asyncio.CancelledError):
                raise
            fault = f"{type(error).__name__}: {error}"
        executor = ThreadExecutor(slots=slots)
        executor.prepare(replace(workplace, variants=variants))
        await executor.on_create()
        return cls(executor, shared, fault)

    async def begin(self, attempt: Attempt, shared: SharedValues, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed that sees these shared values; `ended` is called with its outcome."""
        if self._fault:
            ended(Outcome.failed(self._fault, Reason.NOT_STARTED))
            return
        self._shared[attempt.full_id] = shared

        def end(outcome: Outcome) -> None:
            del self._shared[attempt.full_id]
            ended(outcome)

        self._executor.begin(attempt, emit, end)

    def command(self, attempt: Attempt, verb: bytes) -> bool:
        """Ask an attempt to end (`A`), or leave it behind (`K`). False: it has not begun."""
        if attempt.full_id not in self._shared:
            return False
        told = asyncio.ensure_future(self._tell(attempt, verb))
        self._errands.add(told)
        told.add_done_callback(self._errands.discard)
        return True

    async def _tell(self, attempt: Attempt, verb: bytes) -> None:
        """One that is left behind is asked at least: perhaps nobody is left who could have done so before."""
        await self._executor.abort(attempt)
        if verb == b"K":
            await self._executor.kill(attempt)

    def fault(self, outcome: Outcome) -> str:
        """Why the project cannot be loaded here, if that is why an attempt ended so; else empty."""
        return self._fault if outcome.reason is Reason.NOT_STARTED else ""

    async def close(self) -> None:
        """The threads end when they have nothing to do."""
        await self._executor.on_destroy()
        self._streams.close()


def _classes(needs: dict[str, Any]) -> Any:
    with _importing:
        return import_module(_FINDER).workplace_of(needs).variants
