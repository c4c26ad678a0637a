"""flowrun new."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.papers import ROOT

from .conftest import Said

Give = Callable[..., Said]


def replaced(module: Path) -> Path:
    """Where a Go module looks for that of flowrun."""
    [place] = re.findall(r"^replace \S+ => (\S+)$", (module / "go.mod").read_text(), re.MULTILINE)
    return (module / place).resolve()


def test_the_go_module_is_that_of_this_repository(flowrun: Give, root: Path) -> None:
    """Its path, its version of Go, and its place are right without a word."""
    said = flowrun("new", "go-worker", "own/My worker")

    module = root / "own" / "My worker"
    there = (ROOT / "go_worker" / "go.mod").read_text()
    written = (module / "go.mod").read_text()
    assert said.status == 0
    assert written.startswith("module example.org/my-worker\n")
    assert replaced(module) == ROOT / "go_worker"
    assert re.findall(r"^go \S+$", written, re.MULTILINE) == re.findall(r"^go \S+$", there, re.MULTILINE)
    [path] = re.findall(r"^module (\S+)$", there, re.MULTILINE)
    assert f"require {path} v0.0.0\n" in written
    assert f"replace {path} => " in written


def test_another_place_of_the_go_module_is_taken(flowrun: Give, root: Path) -> None:
    """As a way from one directory to the other."""
    (root / "copy").mkdir()
    (root / "copy" / "go.mod").touch()

    assert flowrun("new", "go-worker", "own", "--source", "copy").status == 0
    assert "=> ../copy\n" in (root / "own" / "go.mod").read_text()


def test_places_with_blanks_are_quoted(flowrun: Give, root: Path) -> None:
    """As go.mod and a shell want it."""
    (root / "a copy").mkdir()
    (root / "a copy" / "go.mod").touch()

    said = flowrun("new", "go-worker", "my own", "--source", "a copy")

    assert '=> "../a copy"\n' in (root / "my own" / "go.mod").read_text()
    assert "make -C 'my own'" in said.err


def test_nothing_that_exists_is_touched(flowrun: Give, root: Path) -> None:
    """Run twice, or over work of one's own, it keeps everything."""
    (root / "own").mkdir()
    (root / "own" / "main.go").write_text("package mine\n")

    said = flowrun("new", "go-worker", "own")

    assert (root / "own" / "main.go").read_text() == "package mine\n"
    assert "kept  main.go" in said.err
    assert "wrote" not in flowrun("new", "go-worker", "own").err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--source", "nowhere", "there is no go.mod in nowhere"), ("--module", "a b", "'a b' is no path of a Go module")],
)
def test_wrong_options_are_refused(flowrun: Give, root: Path, option: str, value: str, said: str) -> None:
    """Before a file is written, and with what would be right."""
    refused = flowrun("new", "go-worker", "own", option, value)

    assert refused.status == 2
    assert said in refused.err
    assert not (root / "own").exists()
