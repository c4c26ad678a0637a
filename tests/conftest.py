"""What the tests share: the long campaigns run only when they are asked for, and a project in which jobs run."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from .project import Project
from .redis_server import make_redis_server, redis_server, shared_redis

__all__ = ["make_redis_server", "redis_server", "shared_redis"]


_OF_THE_SERVICE = ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI")
"""A runner that finds these speaks to the service that runs the tests; those that are about it set them."""

_ANY_MACHINE = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
"""How long a made-up example takes says more about the machine than about flowrun."""


def pytest_configure() -> None:
    """A shell that starts the tests in the background has INT ignored, and so would every run that they start."""
    hypothesis.settings.register_profile("any machine", _ANY_MACHINE)
    hypothesis.settings.load_profile("any machine")
    for name in _OF_THE_SERVICE:
        os.environ.pop(name, None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `full` unless `-m` names it. The tests of the pages come last: Playwright keeps an event
    loop running in this thread as long as its browser is open, and no other test could have one.
    """
    items.sort(key=lambda item: "browser" in item.path.parts)
    if "full" in config.getoption("-m"):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def make_project(tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Makes projects, each in a directory of its own or in one that is given; nothing of them is left alive."""
    made: list[Project] = []

    def make(root: Path | None = None) -> Project:
        number = len(made)
        project = Project(root or tmp_path / f"project{number}", tmp_path / f"aside{number}")
        made.append(project)
        return project

    yield make
    for project in made:
        project.end_everything()


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    """An empty project with the stock of task classes."""
    return make_project()
