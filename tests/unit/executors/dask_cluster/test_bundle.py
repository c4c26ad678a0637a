"""A project as one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.errors import DefinitionError
from flowrun.executors.dask_cluster import bundle


def project(root: Path) -> Path:
    """A small project."""
    for name in ("tasks/deep/load.py", "tasks/query.sql", "extra/more.py", "driver.py", "data/large.csv"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    for name in ("tasks/__pycache__/load.pyc", "tasks/.secret/key", ".env", ".flowrun/state"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "tasks/run.sh").write_text("#!/bin/sh\n")
    (root / "tasks/run.sh").chmod(0o755)
    return root


def names(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_the_tasks_and_what_they_need_are_in_it(tmp_path: Path) -> None:
    """And no data, no state, nothing hidden."""
    root = project(tmp_path / "project")
    bundle.unpack(bundle.packed(root, ["extra"]), tmp_path / "there")

    assert names(tmp_path / "there") == [
        "driver.py",
        "extra/more.py",
        "tasks/deep/load.py",
        "tasks/query.sql",
        "tasks/run.sh",
    ]
    assert (tmp_path / "there/tasks/query.sql").read_text() == "tasks/query.sql"
    assert (tmp_path / "there/tasks/run.sh").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "there/driver.py").stat().st_mode & 0o777 == 0o600


def test_equal_projects_have_equal_bundles(tmp_path: Path) -> None:
    """Whatever their files' times are."""
    one, other = project(tmp_path / "one"), project(tmp_path / "other")

    assert bundle.packed(one, []) == bundle.packed(other, [])


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do instead."""
    monkeypatch.setattr(bundle, "_LARGEST", 10)

    with pytest.raises(DefinitionError, match="say `code: shared`"):
        bundle.packed(project(tmp_path / "project"), [])
