"""What acceptance tests share: servers, which are ended after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ..project import Project
from ..served import Served


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
