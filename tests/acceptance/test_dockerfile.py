"""The Dockerfile can be built from the repository; its images run as nobody and can be asked how they are."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

import pytest

from ..papers import ROOT

TARGETS = ("go-worker", "python-worker", "")
"""What the file says one can build; the last stage has no name."""


@dataclass
class Stage:
    """One stage: what it is made from, and its instructions."""

    name: str
    image: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def of(self, word: str) -> list[str]:
        """What stands behind an instruction, each time."""
        return [rest for its, rest in self.steps if its == word]


def stages() -> list[Stage]:
    """The stages of the file, in order."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            found.append(Stage(name.strip(), image.strip()))
        else:
            found[-1].steps.append((word, rest.strip()))
    return found


def chain(target: str) -> list[Stage]:
    """The stages that an image is made from, its own first."""
    named = {stage.name: stage for stage in stages()}
    found = [named[target]]
    while found[-1].image in named:
        found.append(named[found[-1].image])
    return found


def last(target: str, word: str) -> str:
    """What an instruction says that counts for an image."""
    return next((said[-1] for stage in chain(target) if (said := stage.of(word))), "")


def project() -> Any:
    """What `pyproject.toml` says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_what_is_copied_is_there() -> None:
    """Each source is in the repository and is handed to Docker, or comes from a stage before."""
    handed = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")]
    before: list[str] = []
    for stage in stages():
        for copied in stage.of("COPY"):
            *sources, _target = [word for word in copied.split() if not word.startswith("--")]
            if origin := re.search(r"--from=(\S+)", copied):
                assert origin[1] in before, copied
                continue
            for source in sources:
                assert (ROOT / source).exists(), copied
                assert any(fnmatch(f"{source}/any", f"{one.removesuffix('/**')}/*") for one in handed), copied
        before.append(stage.name)


def test_every_image_has_a_version() -> None:
    """None is `latest`, which is another one each day; and what is in it is new enough for the project."""
    names = {stage.name for stage in stages()}
    images = [stage.image for stage in stages() if stage.image not in names]
    versions = dict(re.findall(r"^FROM (?:\S+/)?(python|golang):([\d.]+)", (ROOT / "Dockerfile").read_text(), re.M))

    assert [image for image in images if not re.search(r":(?!latest)[\w.-]+$|@sha256:", image)] == []
    wanted = {
        "python": project()["project"]["requires-python"],
        "golang": re.search(r"^go ([\d.]+)$", (ROOT / "go_worker" / "go.mod").read_text(), re.M),
    }
    assert numbers(versions["python"]) >= numbers(wanted["python"])
    assert numbers(versions["golang"]) >= numbers(wanted["golang"][1])[:2]


def numbers(text: str) -> list[int]:
    """The numbers of a version."""
    return [int(number) for number in re.findall(r"\d+", text)]


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_runs_as_nobody(target: str) -> None:
    """By number, as Kubernetes wants to know it; a signal reaches the program and no shell."""
    user = last(target, "USER")

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), user
    assert json.loads(last(target, "ENTRYPOINT"))
    assert last(target, "STOPSIGNAL") == "SIGTERM"


@pytest.mark.parametrize("target", ["go-worker", "python-worker"])
def test_a_worker_can_be_asked_how_it_is(target: str) -> None:
    """Without a shell, which is not in every image."""
    check = last(target, "HEALTHCHECK")

    assert "--interval=" in check
    assert json.loads(check[check.index("[") :])


def test_what_the_steps_build_is_there() -> None:
    """Extras of the project, its lock file, and the program of the worker in Go."""
    steps = "\n".join(rest for stage in stages() for rest in stage.of("RUN"))
    extras = re.findall(r"--extra (\S+)", steps)
    locked = tomllib.loads((ROOT / "uv.lock").read_text())
    [flowrun] = [package for package in locked["package"] if package["name"] == project()["project"]["name"]]

    assert extras
    assert set(extras) <= set(project()["project"]["optional-dependencies"])
    assert set(extras) <= set(flowrun["optional-dependencies"])
    [program] = re.findall(r"go build .* (\./\S+)", steps)
    assert (ROOT / "go_worker" / program / "main.go").exists()
