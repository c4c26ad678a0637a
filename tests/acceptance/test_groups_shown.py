"""Groups and items before the run: what is checked, shown and drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

JOB = """
config: {name: grouped}
tasks:
  first: {task: Step}
  etl:
    depends_on: [first]
    serial:
      extract:
        parallel:
          eu: {task: Step}
          us: {task: Step}
      load: {task: Step, foreach: {file: days.csv, key: day}, dependencies: [extract/eu]}
  none: {parallel: {}}
  last: {task: Step, dependencies: [etl, etl/extract/us]}
"""


@pytest.fixture
def grouped(project: Project) -> Project:
    """A job with groups in groups."""
    project.job(JOB)
    return project


def test_groups_to_any_depth_are_valid(grouped: Project) -> None:
    """Tasks are counted, groups are not; an empty group is none the worse. PW-07, F2-05, F2-12"""
    done = grouped.command("validate", "job.yaml").wait()

    assert (done.status, done.err) == (0, "ok job.yaml: 5 tasks\n")


def test_groups_are_drawn(grouped: Project) -> None:
    """The members stand in their group. PW-08"""
    done = grouped.command("graph", "job.yaml").wait()

    assert done.out.splitlines() == [
        "first",
        "└── etl (serial)",
        "    │ ┆ extract (parallel)",
        "    │ ┆   ┆ eu",
        "    │ ┆   ┆ us",
        "    │ ┆ load",
        "    └── last",
        "none (parallel)",
    ]


def test_full_names_are_the_names_of_tasks(grouped: Project) -> None:
    """`graph --json` lists them with their dependencies, those of the order of a serial group too. PW-01, F2-03"""
    done = grouped.command("graph", "job.yaml", "--json").wait()

    dependencies = {task["name"]: task["dependencies"] for task in json.loads(done.out)["tasks"]}
    assert dependencies == {
        "first": [],
        "etl": ["first"],
        "etl/extract": [],
        "etl/extract/eu": [],
        "etl/extract/us": [],
        "etl/load": ["etl/extract/eu", "etl/extract"],
        "none": [],
        "last": ["etl", "etl/extract/us"],
    }


def test_what_can_never_start_is_refused(project: Project) -> None:
    """Not waited for. PW-10, X-PW-05"""
    project.job("tasks:\n  g:\n    parallel:\n      a: {task: Step, dependencies: [g]}\n")

    done = project.command("validate", "job.yaml").wait()

    assert done.status == 3
    assert "FR301: task `g/a` depends on its own group `g`, which waits for it" in done.err
    assert "job.yaml:4:38" in done.err


def test_unknown_keys_in_groups_are_refused_with_their_path(project: Project) -> None:
    """Deep inside, and on a group what only a task can have. F2-12, X-F2-09"""
    project.job(
        "tasks:\n  g:\n    timeout: 5\n    serial: {a: {task: Step}}\n"
        "  h:\n    parallel:\n      i:\n        serial:\n          b: {task: Step, plugin: x}\n"
    )

    done = project.command("validate", "job.yaml", "--json").wait()

    errors = json.loads(done.out)["files"][0]["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("FR105", "tasks.g"),
        ("FR104", "tasks.h.parallel.i.serial.b.plugin"),
    ]
    assert errors[1]["message"] == "unknown key `plugin` in task `h/i/b`"


def test_items_in_the_job_file_are_checked(project: Project) -> None:
    """Before anything runs, with place; what a file or an expression gives is not."""
    project.job("tasks:\n  a: {task: Step, foreach: 'eu, us'}\n  b: {task: Step, foreach: {file: no-such.csv}}\n")

    done = project.command("validate", "job.yaml").wait()

    assert done.status == 3
    assert "FR115: task `a`: `foreach`: items must be a list or a mapping, found text" in done.err
    assert "1 error" in done.err
