"""What the exam of workers shares: a server, the Go worker that is built once, and fleets that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from flowrun.frq.keys import Keys

from ..redis_server import RedisServer
from .frq.fleet import GO, PYTHON, Fleet
from .frq.fleet import built_go_worker as build
from .frq.scheduler import Scheduler

KINDS = {"python": (PYTHON,), "go": (GO,), "mixed": (PYTHON, GO)}

MakeFleet = Callable[..., Fleet]

_queues = count(1)


@pytest.fixture(scope="session")
def exam_redis() -> Iterator[RedisServer]:
    """One server for every exam that does not harm it; each has a queue of its own."""
    server = RedisServer().start()
    yield server
    server.remove()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that an exam may harm."""
    server = RedisServer().start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def go_worker(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Gives the Go worker that serves the handlers of the exam; it is built when it is first asked for."""
    return cache(lambda: build(tmp_path_factory.mktemp("go")))


@contextmanager
def _fleet(
    kinds: str,
    server: RedisServer,
    go_worker: Callable[[], Path],
    aside: Path,
    *,
    url: str = "",
    queue: str = "",
    lease: str = "",
    **look: object,
) -> Iterator[Fleet]:
    keys = Keys(queue=queue or f"exam{next(_queues)}")
    with server.client(decode_responses=False, **look) as redis:
        made = Fleet(redis, url or server.url, keys, KINDS[kinds], go_worker, aside, lease)
        try:
            yield made
        finally:
            made.end()


@pytest.fixture(scope="module", params=["python", "go"])
def at_work(
    request: pytest.FixtureRequest,
    exam_redis: RedisServer,
    go_worker: Callable[[], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fleet]:
    """One worker with four slots, which the exams of a module share: nothing that they do may harm it."""
    with _fleet(request.param, exam_redis, go_worker, tmp_path_factory.mktemp("fleet")) as fleet:
        fleet.start()
        yield fleet
        assert not fleet.workers[0].is_over, fleet.said()


@pytest.fixture
def make_fleet(go_worker: Callable[[], Path], exam_redis: RedisServer, tmp_path: Path) -> Iterator[MakeFleet]:
    """Makes fleets of one kind or mixed, of which no worker is started yet, on a server.

    `url` and `lease` are what the workers are told, `look` how the exam itself gets in.
    """
    with ExitStack() as made:

        def make(kinds: str, server: RedisServer | None = None, **settings: Any) -> Fleet:
            return made.enter_context(_fleet(kinds, server or exam_redis, go_worker, tmp_path, **settings))

        yield make


@pytest.fixture
def scheduler(at_work: Fleet) -> Scheduler:
    """A client of the worker that is at work."""
    return Scheduler(at_work.redis, at_work.keys)
