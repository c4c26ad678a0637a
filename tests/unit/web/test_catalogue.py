"""The jobs of a project, known without importing its code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowrun.web.catalogue import Catalogue


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a job, and a task module that cannot be imported."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "broken.py").write_text("raise RuntimeError('imported')\n")
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "till.yaml").write_text(
        "include: [more.yaml]\n"
        "config: {name: shop}\n"
        "vars: {region: eu, n: 3, rate: 0.5, on: true, names: [a]}\n"
        "tasks:\n  one: {task: A, parameters: {who: '$VAR{who:me} $VAR{who}', day: $VAR{day}, no: '$$VAR{no}'}}\n"
    )
    (tmp_path / "more.yaml").write_text("tasks:\n  g: {serial: {two: {task: B, parameters: {x: '$VAR{far:1\\}2}'}}}}\n")
    return tmp_path


def catalogue(root: Path) -> Catalogue:
    """The catalogue, for an environment in which nothing is set."""
    return Catalogue(root, {"HOME": str(root)})


def test_a_job_is_known_by_its_file(root: Path) -> None:
    """Name, tasks, what the file gives to them, and the variables with their types and defaults."""
    job = catalogue(root).jobs()["shop"]

    assert (job.file, job.title, job.tasks, job.problems) == ("jobs/till.yaml", "till", 2, ())
    assert job.variants == {"one": "A", "g/two": "B"}
    properties = job.variables["properties"]
    assert {name: (one["type"], one.get("default")) for name, one in properties.items()} == {
        "region": ("string", "eu"),
        "n": ("integer", 3),
        "rate": ("number", 0.5),
        "on": ("boolean", True),
        "who": ("string", None),
        "day": ("string", None),
        "far": ("string", "1}2"),
    }
    assert job.variables["required"] == ["who", "day"]
    assert job.paths["g/two"] == ("tasks", "g", "serial", "two")


def test_a_change_is_seen(root: Path) -> None:
    """Of the file, and of what it includes; what has not changed is not read again."""
    known = catalogue(root)
    first = known.jobs()["shop"]
    assert known.jobs()["shop"] is first
    more = root / "more.yaml"
    more.write_text("tasks:\n  three: {task: C}\n")
    os.utime(more, (1, 1))

    assert set(known.jobs()["shop"].variants) == {"one", "three"}


def test_mistakes_are_listed(root: Path) -> None:
    """A job with mistakes is there, and says what is wrong where."""
    (root / "jobs" / "bad.yaml").write_text("tasks:\n  one: {tsak: A}\n")
    bad = next(job for job in catalogue(root).jobs().values() if job.title == "bad")

    assert (bad.problems[0]["code"], bad.problems[0]["file"], bad.problems[0]["line"]) == ("FR104", "jobs/bad.yaml", 2)


def test_two_jobs_of_one_name_are_told_apart(root: Path) -> None:
    """The second is called after its file; other files count only if they are named."""
    (root / "jobs" / "zoo.yaml").write_text("config: {name: shop}\ntasks:\n  one: {task: A}\n")
    (root / "aside.yaml").write_text("config: {name: aside}\ntasks:\n  one: {task: A}\n")

    assert set(catalogue(root).jobs()) == {"shop", "zoo"}
    assert set(catalogue(root).jobs(["aside.yaml", "gone.yaml", "jobs/till.yaml"])) == {"shop", "zoo", "aside"}
