"""The job definition is kept once, as it is written, and without secrets."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from flowrun.assemble import JobSource, OpenJob, open_job
from flowrun.history.places import Places
from flowrun.recorded_definition import keep_definition

JOB = """
config: {name: nightly}
tasks:
  load: {task: Noop, env: {HOME_DIR: "$ENV{PLACE}", NOTE: "it is sesame-open", KEY: "$VAR{day:1}"}, secrets: [TOKEN]}
  each: {task: Noop, foreach: [1, 2], dependencies: [load]}
  etl:
    serial:
      first: {task: Noop}
      second: {task: Noop}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKEN", "sesame-open")
    (tmp_path / "jobs").mkdir()
    (tmp_path / "tasks").mkdir()
    (tmp_path / "jobs" / "nightly.yaml").write_text(JOB)
    return tmp_path


def opened(project: Path, **variables: str) -> OpenJob:
    environ = {"PLACE": "/home/me"}
    source = JobSource(project / "jobs" / "nightly.yaml", variables=variables)
    return open_job(source, cwd=project, environ=environ)


def kept(project: Path, digest: str) -> dict[str, object]:
    whole: dict[str, object] = json.loads(Places(project).definition(digest).read_text())
    return whole


def test_the_definition_is_kept_as_it_is_written(project: Path) -> None:
    """What comes from the environment by its name, secrets hidden, each value with its place from the project root."""
    digest = keep_definition(opened(project), Places(project))
    whole = kept(project, digest)

    assert whole["merged"]["tasks"]["load"]["env"] == {  # type: ignore[index]
        "HOME_DIR": "$ENV{PLACE}",
        "NOTE": "it is ***",
        "KEY": "1",
    }
    assert whole["origins"]["tasks.load.env.NOTE"] == "jobs/nightly.yaml:4"  # type: ignore[index]
    assert whole["files"] == ["jobs/nightly.yaml"]
    assert [task[:4] + task[6:] for task in whole["tasks"]] == [  # type: ignore[attr-defined]
        ["load", "task", "Noop", "", [], "jobs/nightly.yaml", 4],
        ["each", "items", "Noop", "", ["load"], "jobs/nightly.yaml", 5],
        ["etl", "group", "", "", [], "jobs/nightly.yaml", 6],
        ["etl/first", "task", "Noop", "etl", [], "jobs/nightly.yaml", 8],
        ["etl/second", "task", "Noop", "etl", ["etl/first"], "jobs/nightly.yaml", 9],
    ]
    assert stat.S_IMODE(os.stat(Places(project).definition(digest)).st_mode) == 0o600


def test_it_is_kept_once(project: Path) -> None:
    """Until the file, a variable or a module changes; one that is used is not taken for forgotten."""
    places = Places(project)
    first = keep_definition(opened(project), places)
    os.utime(places.definition(first), (0, 0))

    assert keep_definition(opened(project), places) == first
    assert os.stat(places.definition(first)).st_mtime > 0
    assert keep_definition(opened(project, day="2"), places) != first
    job = opened(project)
    (project / "jobs" / "nightly.yaml").unlink()
    assert keep_definition(job, places) != first
