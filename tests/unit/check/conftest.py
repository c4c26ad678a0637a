"""The project of the tests of a check."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    directory = tmp_path_factory.mktemp("project")
    (directory / "tasks").mkdir()
    (directory / "tasks" / "warehouse.py").write_text(MODULE)
    return directory
