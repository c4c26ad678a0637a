"""Launcher: starts runs as processes of their own, which go on when the server ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from typing_extensions import TypedDict

from ..durable import make_state_directory, naming
from ..history.reader import History
from .child import Children
from .receipts import Receipts

_PATIENCE_SECONDS = 8.0
_LOOK_SECONDS = 0.05
_MOST_SAID = 8000
_LOOKED_AT = 30


class StartedBody(TypedDict):
    """A run that was started. `run` is null if it has not told its id within some seconds."""

    run: str | None
    pid: int


@dataclass(frozen=True, slots=True)
class _Process:
    """A run that was just started, and what it says."""

    popen: subprocess.Popen[bytes]
    said: IO[bytes]
    begun: float

    def words(self) -> str:
        self.said.seek(0)
        return self.said.read(_MOST_SAID).decode("utf-8", "replace")


class Launcher:
    """Starts runs as processes of their own."""

    def __init__(self, root: Path, history: History, children: Children) -> None:
        self._root = root
        self._history = history
        self._children = children
        self._receipts = Receipts(root / ".flowrun" / "serve" / "receipts")
        self._starting = asyncio.Lock()

    async def start(self, arguments: Sequence[str], key: str, check: Callable[[], None] = lambda: None) -> StartedBody:
        """Start `flowrun run` with these arguments, or give what came of it when the same `key` came before.

        Raises Refusal if the run ended before it began, with what it said, and what `check` raises of one that cannot
        be started now.
        """
        if not key:
            check()
            return await self._started(arguments)
        async with self._starting:
            before = await asyncio.to_thread(self._receipts.take, key, list(arguments))
            if before is not None:
                return {"run": before.get("run"), "pid": int(before.get("pid") or 0)}
            try:
                check()
                started = await self._started(arguments)
            except BaseException:
                self._receipts.give_back(key)
                raise
            await asyncio.to_thread(self._receipts.write, key, list(arguments), dict(started))
            return started

    async def _started(self, arguments: Sequence[str]) -> StartedBody:
        process = await asyncio.to_thread(self._launch, arguments)
        ended = _end_of(process.popen)
        try:
            while time.time() - process.begun < _PATIENCE_SECONDS:
                if (run := await asyncio.to_thread(self._run_of, process)) is not None:
                    return {"run": run, "pid": process.popen.pid}
                if process.popen.poll() is not None:
                    return await self._judged(process, arguments)
                await asyncio.wait((ended,), timeout=_LOOK_SECONDS)
        finally:
            process.said.close()
        return {"run": None, "pid": process.popen.pid}

    async def _judged(self, process: _Process, arguments: Sequence[str]) -> StartedBody:
        """It is over: either it was a short run, or it has never begun."""
        if (run := await asyncio.to_thread(self._run_of, process)) is not None:
            return {"run": run, "pid": process.popen.pid}
        status = process.popen.returncode
        if status in (0, 1):
            return {"run": None, "pid": process.popen.pid}
        raise await self._children.refusal(status, process.words(), arguments)

    def _launch(self, arguments: Sequence[str]) -> _Process:
        directory = self._root / ".flowrun"
        with naming(directory):
            make_state_directory(directory)
            said = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115  # read when the run has ended
        begun = time.time()
        popen = subprocess.Popen(
            self._children.command(["run", *arguments]),
            cwd=self._root,
            env=self._children.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        return _Process(popen, said, begun)

    def _run_of(self, process: _Process) -> str | None:
        """The run that this process performs, as the history knows it."""
        self._history.refresh()
        for run in self._history.runs(limit=_LOOKED_AT).runs:
            if run.pid == process.popen.pid and (run.ended is None or run.ended >= process.begun):
                return run.id
        return None


def _end_of(popen: subprocess.Popen[bytes]) -> asyncio.Future[None]:
    """Done when the process has ended; it is reaped then, whoever still waits for that."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    descriptor = os.pidfd_open(popen.pid)

    def reap() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        popen.poll()
        if not ended.done():
            ended.set_result(None)

    loop.add_reader(descriptor, reap)
    return ended
