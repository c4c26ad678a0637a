"""One browser, one server and one project with real runs for all tests of the pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from ..project import Project
from ..served import Served
from .shop import HOSTILE, NIGHTLY, TASKS, Shop, run_of

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_QUIET += ("--disable-component-update", "--disable-sync")
_PATIENCE_MILLISECONDS = 20_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    assert program, "these tests need Chromium; on Debian: apt-get install chromium"
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def whole_shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The project in which everything has happened that the pages show."""
    place: Path = tmp_path_factory.mktemp("shop")
    project = Project(place / "shop", place / "aside")
    project.task_module(TASKS)
    project.file("jobs/nightly.yaml", NIGHTLY)
    project.file("jobs/hostile.yaml", HOSTILE)
    good = run_of(project, "nightly")
    failed = run_of(project, "nightly", "--var", "broken=true")
    hostile = run_of(project, "hostile")
    served = Served(project, token=None)
    yield Shop(project, served, browser, good, failed, hostile)
    served.close()
    project.end_everything()


@pytest.fixture
def shop(whole_shop: Shop) -> Iterator[Shop]:
    """The same for one test; no page that it opened may have found a mistake in itself."""
    whole_shop.said.clear()
    yield whole_shop
    for context in whole_shop.browser.contexts:
        context.close()
    assert whole_shop.said == []
