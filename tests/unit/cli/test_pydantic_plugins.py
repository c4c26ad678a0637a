"""Pydantic's search for plugins is spared where there are none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowrun.cli.pydantic_plugins import spare_the_search

SYSTEM = list(sys.path)
LOADER = "pydantic.plugin._loader"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory in which there are distributions; Pydantic has looked nowhere yet."""
    installed = tmp_path / "thing-1.0.dist-info"
    installed.mkdir()
    (installed / "entry_points.txt").write_text("[console_scripts]\nthing = thing:main\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "nowhere")])
    monkeypatch.setattr(sys, "meta_path", [it for it in sys.meta_path if isinstance(it, type)])
    monkeypatch.setitem(sys.modules, LOADER, sys)
    monkeypatch.delitem(sys.modules, LOADER)
    return tmp_path


def test_without_plugins_nothing_is_searched(place: Path) -> None:
    """Pydantic hears that there is none; everything else about its loader is as it was."""
    spare_the_search()

    assert sys.modules[LOADER].get_plugins() == ()


def test_what_else_is_asked_of_the_loader_is_in_the_loader(place: Path) -> None:
    """Another version of Pydantic may need more of it."""
    spare_the_search()
    stand_in = sys.modules[LOADER]
    sys.path[:] = SYSTEM

    assert stand_in._loading_plugins is False
    assert sys.modules[LOADER] is not stand_in


def test_an_installed_plugin_is_found_by_pydantic(place: Path) -> None:
    """A distribution that names one leaves everything to Pydantic."""
    (place / "thing-1.0.dist-info" / "entry_points.txt").write_text("[pydantic]\nthing = thing:plugin\n")

    spare_the_search()

    assert LOADER not in sys.modules


@pytest.mark.parametrize("name", ["thing.egg", "thing.egg-link"])
def test_where_it_cannot_be_told_nothing_is_changed(place: Path, name: str) -> None:
    """Old forms of distributions are not opened."""
    (place / name).touch()

    spare_the_search()

    assert LOADER not in sys.modules


def test_an_archive_may_hold_one(place: Path) -> None:
    """A zip file on the path is not opened."""
    archive = place / "bundle.zip"
    archive.touch()
    sys.path.append(str(archive))

    spare_the_search()

    assert LOADER not in sys.modules


def test_another_finder_of_distributions_may_know_one(place: Path) -> None:
    """Such a finder would be asked by Pydantic."""

    class Finder:
        def find_distributions(self) -> None: ...

    sys.meta_path.append(Finder())  # type: ignore[arg-type]

    spare_the_search()

    assert LOADER not in sys.modules
