"""The papers are true: examples run and say what is shown, and links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ..papers import ALL_PAGES, DOCS, ROOT, Block, blocks_of, name_of, without_blocks

EXAMPLE_PAGES = [ROOT / "README.md", DOCS / "quickstart.md", *sorted((DOCS / "how-to").glob("*.md"))]

NOT_RUN_HERE = ("make", "pip", "git", "uv", "crontab", "systemctl", "loginctl")
"""Commands of an example that would change the machine, or run these tests again."""


class Workshop:
    """A temporary project in which the examples of one page are tried."""

    def __init__(self, directory: Path) -> None:
        self.project = directory / "project"
        self.project.mkdir()
        home, bin_directory = directory / "home", directory / "bin"
        home.mkdir()
        bin_directory.mkdir()
        start = "import sys; sys.argv[0] = 'flowrun'; from flowrun.cli.main import main; main()"
        for name, words in (("flowrun", f'-c "{start}"'), ("python", "")):
            script = bin_directory / name
            script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" {words} "$@"\n')
            script.chmod(0o755)
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
        self._environment = {
            **kept,
            "PATH": f"{bin_directory}:{kept['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "HOME": str(home),
        }
        self.said = ""

    def take(self, block: Block) -> None:
        """Write, run or compare a block, as its language says."""
        if block.language == "sh":
            self._run(block)
        elif block.language == "text":
            self._compare(block)
        elif block.file is not None:
            file = self.project / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")

    def _run(self, block: Block) -> None:
        said = []
        for line in block.text.replace("\\\n", "").splitlines():
            if not line.strip() or line.startswith("#") or line.split()[0] in NOT_RUN_HERE:
                continue
            wanted = re.search(r"# exit status (\d+)", line)
            done = subprocess.run(
                ["bash", "-c", line],
                cwd=self.project,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=60,
                check=False,
            )
            text = done.stdout.decode("utf-8", "replace")
            assert done.returncode == (int(wanted[1]) if wanted else 0), f"{name_of(block.page)}: {line}\n{text}"
            said.append(text)
        self.said = "".join(said)

    def _compare(self, block: Block) -> None:
        said = {without_details(line) for line in self.said.splitlines()}
        missing = [line for line in block.text.splitlines() if line.strip("… ") and without_details(line) not in said]
        assert not missing, f"{name_of(block.page)}:{block.line} shows what was not said: {missing}\n{self.said}"


def without_details(line: str) -> str:
    """A line without what differs from run to run: ids, times, durations, and the widths they cause."""
    line = re.sub(r"\d{4}-\d\d-\d\d[T. ]\d\d[:.]\d\d([:.]\d\d)?[\d.a-f]*([+-]\d\d:\d\d|Z| \w+)?", "TIME", line)
    line = re.sub(r"\b[0-9a-f]{8}\b", "ID", line)
    line = re.sub(r"\b\d+m \d\ds\b|\b\d+\.\ds\b", "DURATION", line)
    line = re.sub(r"\bprocess \d+", "process PID", line)
    return " ".join(line.split())


@pytest.mark.parametrize("page", EXAMPLE_PAGES, ids=name_of)
def test_the_examples_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    """Typed in from top to bottom, every example works, and says what the page says it says (X-FM-30). F2-08"""
    workshop = Workshop(tmp_path)

    for block in blocks_of(page):
        workshop.take(block)


@pytest.mark.parametrize("page", ALL_PAGES, ids=name_of)
def test_the_blocks_of_a_page_can_be_read(page: Path) -> None:
    """Python compiles, YAML and JSON parse, and every block says its language."""
    for block in blocks_of(page):
        assert block.language, f"{name_of(page)}:{block.line} says no language"
        if block.language == "python":
            compile(block.text, f"{page}:{block.line}", "exec")
        elif block.language == "yaml":
            yaml.safe_load(block.text)
        elif block.language == "json":
            [json.loads(line) for line in block.text.splitlines()]


def test_make_targets_that_are_named_exist() -> None:
    """Every `make TARGET` in the papers is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named_targets = {
        (name_of(page), target)
        for page in ALL_PAGES
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert named_targets
    assert not [each for each in sorted(named_targets) if each[1] not in targets]


# Links


def anchors_of(page: Path) -> set[str]:
    text = without_blocks(page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ALL_PAGES, ids=name_of)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    """Every link to a file of the project leads to a file, and to a heading if it names one."""
    text = without_blocks(page.read_text(encoding="utf-8"))
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)

    assert not broken


@pytest.mark.parametrize("directory", ["how-to", "reference", "adr"])
def test_every_page_is_listed_in_its_directory(directory: str) -> None:
    """The README of a directory of papers links to each page in it."""
    index = (DOCS / directory / "README.md").read_text(encoding="utf-8")
    pages = [page.name for page in (DOCS / directory).glob("*.md") if page.name != "README.md"]

    assert pages
    assert not [page for page in sorted(pages) if f"({page})" not in index]


def test_decisions_have_their_parts() -> None:
    """Every decision says what it was about, what was decided, what it costs and what was set aside."""
    for page in sorted((DOCS / "adr").glob("0*.md")):
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)

        assert headings == ["Context", "Decision", "What it costs", "What was set aside"], page.name
