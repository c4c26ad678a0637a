"""What acceptance tests share: servers, which are ended after the test, and projects with workers elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ..project import Project
from ..redis_server import RedisServer
from ..served import Served
from .far import SHORT_LEASE, Far


@pytest.fixture
def serve(project: Project) -> Iterator[Callable[..., Served]]:
    """Starts servers of the project."""
    started: list[Served] = []

    def start(*arguments: str, **options: Any) -> Served:
        started.append(Served(project, *arguments, **options))
        return started[-1]

    yield start
    for served in started:
        served.close()


@pytest.fixture
def far(project: Project, shared_redis: RedisServer, request: pytest.FixtureRequest) -> Far:
    """Far away, on a server that all tests share."""
    return Far(project, shared_redis, re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60])


@pytest.fixture
def short_lease(far: Far) -> None:
    """Workers are lost there."""
    far.lease = SHORT_LEASE


@pytest.fixture
def alone(project: Project, redis_server: RedisServer) -> Iterator[Far]:
    """Far away, on a server that the test may stop."""
    yield Far(project, redis_server, "alone", SHORT_LEASE)
    project.end_everything()  # before the server is gone
