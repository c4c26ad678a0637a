"""flowrun show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .conftest import Said

Give = Callable[..., Said]


@pytest.fixture
def layered(root: Path) -> None:
    """A job that changes what it includes."""
    (root / "defaults.yaml").write_text(
        "tasks:\n  load:\n    task: Load\n    parameters: {day: monday, batch_size: 1}\n"
    )
    (root / "job.yaml").write_text(
        "include: [./defaults.yaml]\n"
        "config: {name: $VAR{name:layered}}\n"
        "tasks:\n"
        "  load:\n"
        "    parameters:\n"
        "      batch_size: 2\n"
    )


@pytest.mark.usefixtures("layered")
def test_the_merged_definition_is_shown(flowrun: Give) -> None:
    """Included, merged, with variables filled in. FM-44"""
    said = flowrun("show", "job.yaml", "--var", "name=mine")

    assert yaml.safe_load(said.out) == {
        "tasks": {"load": {"task": "Load", "parameters": {"day": "monday", "batch_size": 2}}},
        "config": {"name": "mine"},
    }


def test_what_is_written_is_shown_even_if_it_is_the_default(flowrun: Give, root: Path) -> None:
    """Keys that nobody wrote are not shown, and those that somebody wrote are. FM-44"""
    (root / "job.yaml").write_text(
        "config: {max_concurrency: 0}\n"
        "tasks: {p: {task: Publish, max_attempts: 1, dependencies: [], backoff: {factor: 2.0}}}\n"
        "pools: {}\n"
    )

    assert yaml.safe_load(flowrun("show", "job.yaml").out) == {
        "tasks": {"p": {"task": "Publish", "max_attempts": 1, "dependencies": [], "backoff": {"factor": 2.0}}},
        "config": {"max_concurrency": 0},
        "pools": {},
    }
    assert "tasks.p.max_attempts: 1   job.yaml:2" in flowrun("show", "job.yaml", "--origin").out


@pytest.mark.usefixtures("layered")
def test_origins_name_file_line_and_what_was_overridden(flowrun: Give) -> None:
    """For every value where it stands, and what it replaced."""
    lines = flowrun("show", "job.yaml", "--origin").out.splitlines()

    assert 'tasks.load.task: "Load"   defaults.yaml:3' in lines
    at = lines.index("tasks.load.parameters.batch_size: 2   job.yaml:6")
    assert lines[at + 1] == "    overridden: parameters: {day: monday, batch_size: 1}   defaults.yaml:4"


@pytest.mark.usefixtures("layered")
def test_origins_for_programs(flowrun: Give) -> None:
    """The same as records."""
    values = json.loads(flowrun("show", "job.yaml", "--origin", "--json").out)["values"]

    assert {
        "path": "tasks.load.parameters.batch_size",
        "value": 2,
        "file": "job.yaml",
        "line": 6,
        "column": 19,
        "overridden": [{"file": "defaults.yaml", "line": 4, "column": 43}],
    } in values


def test_one_task_alone(flowrun: Give) -> None:
    """`--task` shows just that."""
    said = flowrun("show", "jobs/nightly.yaml", "--task", "publish", "--json")

    assert json.loads(said.out)["definition"] == {"tasks": {"publish": {"task": "Publish", "dependencies": ["load"]}}}


def test_groups_are_shown_as_they_are_written(flowrun: Give, root: Path) -> None:
    """Nested, with the names in the file; a member is found by its full name. F2-12"""
    text = "tasks:\n  g:\n    serial:\n      a: {task: Publish}\n      b: {task: Publish, dependencies: [a]}\n"
    (root / "job.yaml").write_text(text)

    assert yaml.safe_load(flowrun("show", "job.yaml").out) == yaml.safe_load(text)
    assert yaml.safe_load(flowrun("show", "job.yaml", "--task", "g/b").out) == {
        "tasks": {"g": {"serial": {"b": {"task": "Publish", "dependencies": ["a"]}}}}
    }
    assert flowrun("show", "job.yaml", "--task", "g/b", "--origin").out.splitlines() == [
        'tasks.g.serial.b.task: "Publish"   job.yaml:5',
        'tasks.g.serial.b.dependencies[0]: "a"   job.yaml:5',
    ]


def test_a_task_that_is_misspelt(flowrun: Give) -> None:
    """The nearest name is offered."""
    assert flowrun("show", "jobs/nightly.yaml", "--task", "lod").err.endswith("; did you mean 'load'?\n")


def test_a_task_that_is_not_there(flowrun: Give) -> None:
    """A usage error that names it."""
    said = flowrun("show", "jobs/nightly.yaml", "--task", "nope")

    assert said.status == 2
    assert "'nope'" in said.err


@pytest.mark.parametrize("options", [[], ["--json"], ["--origin"], ["--origin", "--json"]])
def test_values_from_the_environment_are_not_shown(
    flowrun: Give, root: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """They may be secrets: what stands in the file is shown. D-09"""
    monkeypatch.setenv("DAY_OF_PASSWORD", "hunter2")
    (root / "job.yaml").write_text("tasks:\n  load: {task: Load, parameters: {day: $ENV{DAY_OF_PASSWORD}}}\n")

    said = flowrun("show", "job.yaml", *options)

    assert said.status == 0
    assert "$ENV{DAY_OF_PASSWORD}" in said.out
    assert "hunter2" not in said.out + said.err
