"""Outpost: what one run has on one Dask worker: its project, a crew, and the attempts under way there.

It lives on the event loop of the worker.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from distributed import Worker
from distributed.diagnostics.plugin import WorkerPlugin

from ...attempt import Attempt, Outcome, Reason
from ...shared_values import SharedValues
from ...values.stayed import stayed
from ...version import __version__
from ..executor import Workplace
from . import bundle, news
from .crew import Crew, open_crew
from .order import Order, kept_key
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
        self._equipping = asyncio.Lock()
        self._equipped = asyncio.Event()
        self._crew: Crew | None = None
        self._root = Path()
        self._under_way: dict[str, tuple[Attempt, asyncio.Future[Outcome]]] = {}
        self._has_asked = False
        self._idle: asyncio.TimerHandle | None = None

    # What the runner asks for.

    async def equip(self, project: Project) -> None:
        """Take over the project, and warm up. Raises ValueError if this worker cannot perform its tasks."""
        if project.version != __version__:
            raise ValueError(f"has flowrun {__version__}, and the runner has {project.version}")
        async with self._equipping:
            if self._crew is None:
                self._root = await asyncio.to_thread(self._root_of, project)
                self._project = project
                self._crew = await open_crew(project, self._root, self._workplace(project), self._worker.state.nthreads)
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
            self._mind_idleness()
        if outcome.is_completed and len(outcome.result or "") > _LONGEST_NEWS:
            outcome = await self._left_here(order, outcome)
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
        if not ended.done() and (self._crew is None or not self._crew.command(known, verb)):
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
        crew, self._crew = self._crew, None
        if crew is not None:
            await crew.close()
        if self._project is not None and self._project.has_directory_of_its_own:
            await asyncio.to_thread(shutil.rmtree, self._root, ignore_errors=True)

    # The way of an attempt.

    async def _outcome(self, attempt: Attempt, order: Order, ended: asyncio.Future[Outcome]) -> Outcome:
        if not await self._is_equipped(ended):
            return ended.result()
        crew = self._crew
        assert crew is not None, "it is equipped"
        shared = SharedValues()
        shared.restore(dict(order.shared))
        await crew.begin(
            attempt,
            shared,
            lambda event: self._desk.tell_line(attempt.id, event),
            lambda outcome: None if ended.done() else ended.set_result(outcome),
        )
        outcome = await ended
        if fault := crew.fault(outcome):
            message = f"the project cannot be loaded on the worker {self._worker.address}: {fault}"
            return Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",))
        return outcome

    async def _left_here(self, order: Order, outcome: Outcome) -> Outcome:
        """Give the result to Dask as data that nobody computed, so that it is not computed again when it is lost."""
        data = (outcome.result or "").encode("utf-8", "surrogatepass")
        name, text = stayed(len(data))
        key = kept_key(self._topic, name)
        self._worker.update_data({key: data})
        where = {key: [self._worker.address]}
        try:
            await self._worker.scheduler.update_data(who_has=where, nbytes={key: len(data)}, client=order.keeper)
        except OSError:  # the scheduler is just being lost
            return outcome
        self._desk.tell(news.STAYED, order.attempt.id, name)
        return outcome.but(result=text)

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

    # What the crew needs.

    def _root_of(self, project: Project) -> Path:
        """Where the files of the project are on this worker. Raises ValueError if they are not there."""
        if project.bundle is not None:
            return bundle.unpacked(project.bundle, Path(self._worker.local_directory), project.mark)
        root = Path(project.root)
        if not root.is_dir():
            raise ValueError(f"has no directory {project.root}, although `code: shared` says so")
        return root

    def _workplace(self, project: Project) -> Workplace:
        return Workplace(
            root=self._root,
            max_result_bytes=project.max_result_bytes,
            is_full=self._is_full,
            wait_for_room=self._wait_for_room,
        )

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
