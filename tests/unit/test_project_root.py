"""The project root: one rule, whatever directory a command was started in."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.project_root import find_root, path_from_root


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("flowrun.toml", ""),
        ("pyproject.toml", "[project]\nname = 'x'\n\n[ tool.flowrun ]\n"),
        ("pyproject.toml", "[tool.flowrun.run]\n"),
        ("tasks/__init__.py", ""),
    ],
)
def test_a_mark_above_the_job_file(tmp_path: Path, mark: str, text: str) -> None:
    """The nearest directory with a mark is the root, seen from anywhere. FM-13, X-FM-15"""
    marked = tmp_path / "project"
    (marked / mark).parent.mkdir(parents=True)
    (marked / mark).write_text(text)
    (marked / "jobs/deep").mkdir(parents=True)

    assert find_root(Path("project/jobs/deep/nightly.yaml"), tmp_path) == marked
    assert find_root(Path("../jobs/deep/nightly.yaml"), marked / "jobs") == marked
    assert find_root(marked / "nightly.yaml", Path("/")) == marked
    assert find_root(None, marked / "jobs") == marked


@pytest.mark.parametrize("text", ["[tool.other]\n", "# [tool.flowrun]\n", "[tool.flowrunner]\n", "[project]\n"])
def test_a_project_of_others_is_no_mark(tmp_path: Path, text: str) -> None:
    """Without a mark the job file's directory is the root; a file called `tasks` is no mark."""
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "tasks").write_text("buy milk")
    (tmp_path / "jobs").mkdir()

    assert find_root(Path("jobs/nightly.yaml"), tmp_path) == tmp_path / "jobs"
    assert find_root(None, tmp_path / "jobs") == tmp_path / "jobs"


def test_a_file_is_told_from_the_root_whatever_leads_to_it(tmp_path: Path) -> None:
    """Through a link to the project too; a link in the project to a file elsewhere is a file of the project."""
    root, link, elsewhere = tmp_path / "root", tmp_path / "link", tmp_path / "elsewhere.yaml"
    root.mkdir()
    link.symlink_to(root)
    elsewhere.touch()
    (root / "a.yaml").touch()
    (root / "b.yaml").symlink_to(elsewhere)

    told = [path_from_root(it, root) for it in (root / "a.yaml", link / "a.yaml", root / "b.yaml", elsewhere)]

    assert told == ["a.yaml", "a.yaml", "b.yaml", str(elsewhere)]
