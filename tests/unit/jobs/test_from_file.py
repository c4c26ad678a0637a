"""A job file loads into a job in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.errors import DefinitionError
from flowrun.jobdefinition.dump import dump
from flowrun.jobs import Job, Parallel, Serial

TEXT = """
config: {name: words, max_concurrency: 2}
vars: {day: monday}
tasks:
  first: {task: Some, parameters: {word: "$VAR{word:hello}"}, max_attempts: 3}
  etl:
    serial:
      load: {task: Some}
      both:
        parallel: {a: {task: Some}, b: {task: Some, dependencies: [a]}}
    dependencies: [first]
"""


def test_everything_in_the_file_is_in_the_job(tmp_path: Path) -> None:
    """Issue 3: a YAML file loads into a Job; groups, keys, sections and variables with it."""
    path = tmp_path / "job.yaml"
    path.write_text(TEXT)
    job = Job.from_file(path, variables={"word": "bye"})

    assert job.name == "words"
    assert [str(member) for member in job.walk()] == [
        "first",
        "etl",
        "etl/load",
        "etl/both",
        "etl/both/a",
        "etl/both/b",
    ]
    assert job["first"].parameters == {"word": "bye"}
    assert isinstance(job["etl"], Serial)
    assert isinstance(job["etl"]["both"], Parallel)
    assert job.sections["vars"] == {"day": "monday"}
    assert job.root == tmp_path


def test_problems_keep_their_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text("tasks: {a: {task: Some, max_attempts: many}}")
    with pytest.raises(DefinitionError, match=r"job\.yaml:1"):
        Job.from_file(path)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """There and back: the definition of the job is that of the file."""

    def some(word: str = "") -> str:
        return word

    job = Job("words", max_concurrency=2, root=tmp_path)
    job.add(some, name="first", parameters={"word": "x"}, max_attempts=3)
    job.add(
        Serial(some, name="etl"),
    )
    path = tmp_path / "job.yaml"
    path.write_text(dump(job.definition))

    again = Job.from_file(path)
    assert again["first"].keys == {"max_attempts": 3}
    assert [str(member) for member in again.walk()] == [str(member) for member in job.walk()]
