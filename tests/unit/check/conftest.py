"""The project of the tests of a check."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .project import project_with
from .sales import MODULE


@pytest.fixture(autouse=True)
def same_path() -> Iterator[None]:
    """What a project puts on the path does not stay for the next test."""
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one module of tasks."""
    return project_with(tmp_path_factory.mktemp("project"), "warehouse.py", MODULE)
