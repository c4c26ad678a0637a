"""A project directory in which job files are written and loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from flowrun.jobdefinition import JobDefinition, Loaded, Outside, load
from flowrun.problem import Problem

GOOD = """version: 0.1
config:
  name: nightly
tasks:
  first:
    task: Step
    parameters:
      label: first
  second:
    task: Step
    parameters:
      label: second
    dependencies:
      - first
"""


class Project:
    """Files below one root. What is loaded is `job.yaml`, in UTF-8, with no environment."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, text: str | bytes, name: str = "job.yaml") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def load(
        self,
        source: str | bytes | Mapping[str, Any] | JobDefinition | None = None,
        variables: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Loaded:
        """What comes of a text written to `job.yaml`, of a mapping or of an object; of `job.yaml` as it is for None."""
        if isinstance(source, str | bytes):
            self.write(source)
        job = source if isinstance(source, Mapping | JobDefinition) else self.root / "job.yaml"
        return load(job, Outside(self.root, environ or {}, variables or {}, self.root))

    def definition(self, *args: Any, **kwargs: Any) -> JobDefinition:
        """The definition, which must have no problems."""
        loaded = self.load(*args, **kwargs)
        assert loaded.problems == ()
        assert loaded.definition is not None
        return loaded.definition

    def parameters(self, text: str, **kwargs: Any) -> dict[str, Any]:
        """The parameters of a single task, written as a YAML block."""
        block = "".join(f"      {line}\n" for line in text.splitlines())
        return self.definition(f"tasks:\n  a:\n    task: T\n    parameters:\n{block}", **kwargs).tasks["a"].parameters

    def problem(self, *args: Any, **kwargs: Any) -> Problem:
        """The only problem there is."""
        (problem,) = self.load(*args, **kwargs).problems
        return problem


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def good() -> str:
    """A job file in which nothing is wrong."""
    return GOOD


@pytest.fixture
def line_of() -> Callable[..., int]:
    """The line, counted from 1, of the nth occurrence of something in a text."""

    def find(text: str, needle: str, nth: int = 1) -> int:
        return [number for number, line in enumerate(text.splitlines(), 1) if needle in line][nth - 1]

    return find
