"""flowrun graph."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flowrun.cli.graph import reduced

from .conftest import Said

Give = Callable[..., Said]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "load\n└── publish\n"),
        (["--format", "mermaid"], 'flowchart LR\n  t0["load"]\n  t1["publish"]\n  t0 --> t1\n'),
    ],
)
def test_a_job_is_drawn(flowrun: Give, options: list[str], text: str) -> None:
    """The drawing and nothing else on stdout, without another package. AS-12"""
    said = flowrun("graph", "jobs/nightly.yaml", *options)

    assert (said.status, said.out, said.err) == (0, text, "")


def test_dot_for_graphviz(flowrun: Give) -> None:
    """An edge from each dependency to its dependent."""
    assert '"load" -> "publish";' in flowrun("graph", "jobs/nightly.yaml", "--format", "dot").out


@pytest.mark.parametrize("options", [["--json"], ["--format", "json"]])
def test_records_for_programs(flowrun: Give, options: list[str]) -> None:
    """Names, classes, dependencies."""
    assert json.loads(flowrun("graph", "jobs/nightly.yaml", *options).out) == {
        "version": 1,
        "job": "nightly",
        "tasks": [
            {"name": "load", "task": "Load", "dependencies": [], "group": None},
            {"name": "publish", "task": "Publish", "dependencies": ["load"], "group": None},
        ],
    }


def test_groups_in_records(flowrun: Give, root: Path) -> None:
    """Each task says in which group it is, and a group whether it is serial or parallel. F2-05"""
    (root / "job.yaml").write_text("tasks:\n  g: {serial: {a: {task: Publish}, h: {parallel: {}}}}\n")

    assert json.loads(flowrun("graph", "job.yaml", "--json").out)["tasks"] == [
        {"name": "g", "kind": "serial", "dependencies": [], "group": None},
        {"name": "g/a", "task": "Publish", "dependencies": [], "group": "g"},
        {"name": "g/h", "kind": "parallel", "dependencies": ["g/a"], "group": "g"},
    ]


def test_dependencies_that_follow_from_others_can_be_left_out() -> None:
    """What remains orders the tasks in the same way."""
    assert reduced({"a": (), "b": ("a",), "c": ("a", "b"), "d": ("a", "c", "b")}) == {
        "a": (),
        "b": ("a",),
        "c": ("b",),
        "d": ("c",),
    }


def test_reduction_is_an_option(flowrun: Give, root: Path) -> None:
    """`--reduce` works with every form."""
    (root / "job.yaml").write_text(
        "tasks:\n  a: {task: Publish}\n  b: {task: Publish, dependencies: [a]}\n"
        "  c: {task: Publish, dependencies: [a, b]}\n"
    )

    assert flowrun("graph", "job.yaml", "--reduce").out == "a\n└── b\n    └── c\n"
