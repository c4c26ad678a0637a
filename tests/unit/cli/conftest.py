"""A small project, and a way to give commands in it without another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from flowrun.cli.main import perform

TASKS = '''
from flowrun.task import Task, task


@task
class Load(Task):
    """Load one day.

    And more that a list does not show.
    """

    day: str
    batch_size: int = 1000

    def run(self) -> None:
        """Do nothing."""


@task
class Publish(Task):
    def run(self) -> None:
        """Do nothing."""
'''

JOB = """\
config: {name: nightly}
tasks:
  load:
    task: Load
    parameters: {day: monday}
  publish:
    task: Publish
    dependencies: [load]
"""


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two task classes and a job, which is the current directory."""
    for path, text in (("tasks/warehouse.py", TASKS), ("jobs/nightly.yaml", JOB)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.fixture
def flowrun(root: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Gives a command in the project."""

    def give(*arguments: str) -> Said:
        capfd.readouterr()
        status = perform(list(arguments))
        return Said(status, *capfd.readouterr())

    return give
