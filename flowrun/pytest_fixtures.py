"""The fixtures that pytest has when flowrun is installed. Nothing else is imported until a test asks for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .engine.report import Report
    from .testing.task_run import TaskRun
    from .testing.temporary_project import TemporaryProject


@pytest.fixture
def flowrun_run_task() -> Callable[..., TaskRun]:
    """`flowrun.testing.run_task`."""
    from .testing import run_task

    return run_task


@pytest.fixture
def flowrun_run_job(pytestconfig: pytest.Config) -> Callable[..., Report]:
    """`flowrun.testing.run_job`; the path of a job file begins at the root directory of the tests."""
    from .testing import run_job

    def run(job: Any, **options: Any) -> Report:
        is_path = isinstance(job, str | Path)
        return run_job(pytestconfig.rootpath / job if is_path else job, **options)

    return run


@pytest.fixture
def flowrun_project(tmp_path: Path) -> TemporaryProject:
    """An empty project in a temporary directory."""
    from .testing.temporary_project import TemporaryProject

    return TemporaryProject(tmp_path)
