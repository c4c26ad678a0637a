"""The files of the page: light, complete, and without what a page must not do."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import flowrun

STATIC = Path(flowrun.__file__).parent / "web" / "static"
_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)"', re.MULTILINE)


def modules() -> Iterator[Path]:
    """Every script that we wrote."""
    return (path for path in STATIC.rglob("*.js") if path.parent.name != "vendor")


def needed(path: Path, found: set[Path]) -> set[Path]:
    """A module and those that it needs before it can start."""
    if path not in found:
        found.add(path)
        for name in _IMPORT.findall(path.read_text()):
            needed((path.parent / name).resolve(), found)
    return found


def test_all_script_is_small() -> None:
    """Everything that could ever be loaded is within 100 KB, each file compressed by itself as it is sent."""
    sizes = {str(path.relative_to(STATIC)): len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.rglob("*.js")}

    assert sum(sizes.values()) <= 100_000, sizes


def test_what_the_page_needs_at_once_is_asked_for_at_once() -> None:
    """index.html names every module that app.js needs, so that none waits for another."""
    named = set(re.findall(r'rel="modulepreload" href="static/([^"]+)"', (STATIC / "index.html").read_text()))
    wanted = {str(path.relative_to(STATIC)) for path in needed(STATIC / "app.js", set())} - {"app.js"}

    assert named == wanted


def test_nothing_becomes_markup_or_comes_from_elsewhere() -> None:
    """X-CF-22: no markup from text, no script in an attribute, no address of another server."""
    for path in modules():
        text = path.read_text()
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert forbidden not in text, f"{path.name} uses {forbidden}"
        assert not re.search("https?:/", text), path.name
    for path in (*STATIC.rglob("*.css"), STATIC / "index.html"):
        text = path.read_text()
        assert "//" not in re.sub(r"/\*.*?\*/", "", text), path.name
        assert not re.search(r"<script>|<style|\s(on\w+|style)=", text), path.name


def test_what_others_wrote_is_named_with_its_licence() -> None:
    """Each file in vendor stands in the README there, beside a licence."""
    vendor = STATIC / "vendor"
    told = (vendor / "README.md").read_text()
    for path in vendor.iterdir():
        assert path.name == "README.md" or path.name in told, path.name
