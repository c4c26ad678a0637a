"""Outpost: what one run has on one Dask worker: its project, a warm starter, and the attempts under way there.

It lives on the event loop of the worker. Nothing of the user's is imported in the worker: that is done by the
starter, a process of its own, and each attempt is a child of it. So code that holds the interpreter cannot keep
the worker from its heartbeat, and what a task leaves behind dies with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, Any

from distributed import Worker
from distributed.diagnostics.plugin import WorkerPlugin

from ...attempt import Attempt, Outcome, Reason
from ...shared_values import SharedValues
from ...version import __version__
from ..carrier import ProcessCarrier
from ..executor import Workplace
from ..new_starter import start_interpreter
from . import bundle, news
from .order import Order
from .project import Project

_LONGEST_NEWS = 256 << 10
"""Characters up to which an outcome is told at once; a longer one waits on the worker until it is fetched."""
_IDLE_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0
_MOST_UNSENT = 64


class Outpost(WorkerPlugin):
    """Made by whoever comes first: an attempt, or the project that it needs."""

    def __init__(self, worker: Worker, topic: str) -> None:
        self._worker = worker
        self._topic = topic
        self._desk = news.NewsDesk(self._send)
        self._project: Project | None = None
        self._equipped = asyncio.Event()
        self._carrier: ProcessCarrier | None = None
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115  lives as long as the outpost
        self._is_proven = False
        """The present starter could be started."""
        self._root = Path()
        self._shared: dict[str, SharedValues] = {}
        self._under_way: dict[str, tuple[Attempt, asyncio.Future[Outcome]]] = {}
        self._has_asked = False
        self._idle: asyncio.TimerHandle | None = None

    # What the runner asks for.

    async def equip(self, project: Project) -> None:
        """Take over the project, and warm up. Raises ValueError if this worker cannot perform its tasks."""
        if project.version != __version__:
            raise ValueError(f"has flowrun {__version__}, and the runner has {project.version}")
        if project.bundle is None:
            self._root = Path(project.root)
            if not self._root.is_dir():
                raise ValueError(f"has no directory {project.root}, although `code: shared` says so")
        elif self._project is None:
            self._root = Path(mkdtemp(prefix="flowrun-", dir=self._worker.local_directory))
            await asyncio.to_thread(bundle.unpack, project.bundle, self._root)
        self._project = project
        if self._carrier is None:
            self._carrier = self._started(project)
        self._equipped.set()
        self._mind_idleness()

    async def perform(self, order: Order) -> bytes | None:
        """Perform an attempt to its end. Gives its outcome if it is too long to be told."""
        attempt = order.attempt
        ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._under_way[attempt.id] = attempt, ended
        try:
            self._desk.tell(news.BEGAN, attempt.id)
            outcome = await self._outcome(attempt, order, ended)
        finally:
            self.command(attempt.id, b"K")  # the worker is being closed
            del self._under_way[attempt.id]
            self._shared.pop(attempt.full_id, None)
            self._mind_idleness()
        text = json.dumps(outcome.body())
        if len(text) > _LONGEST_NEWS:
            self._desk.deliver()
            return text.encode()
        self._desk.tell_now(news.ENDED, attempt.id, text)  # before Dask tells that the task has ended
        return None

    def command(self, attempt: str, verb: bytes) -> bool:
        """Ask an attempt to end (`A`) or kill it (`K`). False: it is not here."""
        if attempt not in self._under_way:
            return False
        known, ended = self._under_way[attempt]
        if not ended.done():
            if known.full_id in self._shared and self._carrier is not None:
                self._carrier.command(known, verb)
            else:
                ended.set_result(Outcome.aborted())
        return True

    # What Dask tells.

    def transition(self, key: Any, start: str, finish: str, **_more: Any) -> None:
        """Nobody waits for a task any more: the runner is gone, or does not want it."""
        if start == "executing" and finish == "released" and key[0] == self._topic:
            self.command(key[1], b"K")

    async def teardown(self, worker: Worker) -> None:
        """The worker or the run ends."""
        if self._idle is not None:
            self._idle.cancel()
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            await carrier.close()
        if self._project is not None and self._project.bundle is not None:
            await asyncio.to_thread(shutil.rmtree, self._root, ignore_errors=True)

    # The way of an attempt.

    async def _outcome(self, attempt: Attempt, order: Order, ended: asyncio.Future[Outcome]) -> Outcome:
        if not await self._is_equipped(ended):
            return ended.result()
        carrier = await self._warm_carrier()
        shared = self._shared[attempt.full_id] = SharedValues()
        shared.restore(dict(order.shared))
        carrier.begin(
            attempt,
            lambda event: self._desk.tell_line(attempt.id, event),
            lambda outcome: None if ended.done() else ended.set_result(outcome),
        )
        outcome = await ended
        if outcome.reason not in (Reason.LOST, Reason.NOT_STARTED):
            self._is_proven = True
        elif not self._is_proven and (reason := self._said_by_starter()):
            message = f"the project cannot be loaded on the worker {self._worker.address}: {reason}"
            return Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",))
        return outcome

    async def _is_equipped(self, ended: asyncio.Future[Outcome]) -> bool:
        """Wait for the project. False: the attempt came to its end meanwhile."""
        if not self._equipped.is_set():
            if not self._has_asked:
                self._has_asked = True
                self._desk.tell_now(news.LACKS)
            waiting = asyncio.ensure_future(self._equipped.wait())
            await asyncio.wait((waiting, ended), timeout=_PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if not self._equipped.is_set() and not ended.done():
                self._has_asked = False
                message = f"the code of the project did not reach the worker {self._worker.address}"
                ended.set_result(Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",)))
        return not ended.done()

    async def _warm_carrier(self) -> ProcessCarrier:
        """The carrier; another one if its starter has died."""
        assert self._project is not None, "it is equipped"
        carrier = self._carrier
        if carrier is None or carrier.is_gone:
            self._carrier = self._started(self._project)
            if carrier is not None:
                await carrier.close()
        assert self._carrier is not None, "it was just started"
        return self._carrier

    def _started(self, project: Project) -> ProcessCarrier:
        self._is_proven = False
        self._errors.truncate(0)
        environment = {**os.environ, **({"FLOWRUN_STATE_KEY": project.state_key} if project.state_key else {})}
        process, commands = start_interpreter(self._needs(project), environment, self._errors)
        workplace = Workplace(
            root=self._root,
            shared_of=lambda attempt: self._shared[attempt.full_id],
            max_result_bytes=project.max_result_bytes,
            is_full=self._is_full,
            wait_for_room=self._wait_for_room,
        )
        return ProcessCarrier(workplace, "fork", process, commands)

    def _needs(self, project: Project) -> dict[str, Any]:
        addresses = {
            name: (str(self._root / module) if module.endswith(".py") else module, qualname)
            for name, (module, qualname) in project.variants.items()
        }
        return {
            "path": [*sys.path, str(self._root)],
            "root": str(self._root),
            "max_result_bytes": project.max_result_bytes,
            "private_descriptors": (),
            "variants": addresses,
            "discovery": project.discovery,
            "is_remote": True,
        }

    def _said_by_starter(self) -> str:
        """The last line of a starter that could not start: the exception."""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "backslashreplace").strip().splitlines()
        return lines[-1] if lines else ""

    # Its way to the runner.

    def _send(self, batch: list[news.News]) -> None:
        self._worker.log_event(self._topic, {"by": self._worker.id, "news": batch})

    def _is_full(self) -> bool:
        return len(self._worker.batched_stream.buffer) > _MOST_UNSENT

    async def _wait_for_room(self) -> None:
        while self._is_full():  # noqa: ASYNC110  Dask tells nobody when it has sent something
            await asyncio.sleep(0.02)

    def _mind_idleness(self) -> None:
        """A runner that was killed says no goodbye: without attempts the outpost goes after a while."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if not self._under_way:
            self._idle = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._leave)

    def _leave(self) -> None:
        if not self._under_way:
            self._leaving = asyncio.ensure_future(self._worker.plugin_remove(name=self._topic))


def outpost_on(worker: Worker, topic: str) -> Outpost:
    """The outpost of a run on a worker."""
    found = worker.plugins.get(topic)
    if not isinstance(found, Outpost):
        found = worker.plugins[topic] = Outpost(worker, topic)
    return found
