"""Where a job in Python stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowrun.errors import DefinitionError, UsageError
from flowrun.jobs.address import is_address, job_at

SOURCE = """
from flowrun import Job

job = Job("found")


class Jobs:
    inner = Job("inner")
"""


@pytest.fixture(autouse=True)
def _modules_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("text", ["flows:job", "a.b:job", "flows.py:job", "./x/flows.py:job", "flows:Jobs.inner"])
def test_modules_and_files_are_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", ["job.yaml", "jobs/a:b.yaml", "flows:", ":job", "flows", "C:/x", "a b:job"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("address", "name"),
    [("flows_here:job", "found"), ("flows_here.py:job", "found"), ("flows_here:Jobs.inner", "inner")],
)
def test_a_job_is_found(tmp_path: Path, address: str, name: str) -> None:
    (tmp_path / "flows_here.py").write_text(SOURCE)

    assert job_at(address, tmp_path).name == name


def test_what_is_missing_is_said_with_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "flows_here.py").write_text(SOURCE)

    with pytest.raises(UsageError, match="`jb` does not exist; jobs in flows_here: job"):
        job_at("flows_here:jb", tmp_path)
    with pytest.raises(UsageError, match="there is no module 'flows_nowhere'"):
        job_at("flows_nowhere:job", tmp_path)
    with pytest.raises(UsageError, match="there is no file"):
        job_at("nowhere.py:job", tmp_path)


def test_a_module_that_fails_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "flows_broken.py").write_text("import sys\n\nimport flows_not_there\n")

    with pytest.raises(DefinitionError) as caught:
        job_at("flows_broken:job", tmp_path)

    [problem] = caught.value.problems
    assert (problem.code, problem.place.line) == ("FR413", 3)
    assert "flows_not_there" in problem.message
