"""Which files the patterns of a task mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.freshness.files import matched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.csv", "data/b.csv", "data/deep/c.csv", "data/deep/.hidden", "data/[x].csv"):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "outside.csv").write_text("")
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("a.csv", ["a.csv"]),
        ("./data/../a.csv", ["a.csv"]),
        ("*.csv", ["a.csv"]),
        ("**/*.csv", ["a.csv", "data/[x].csv", "data/b.csv", "data/deep/c.csv"]),
        ("data/*", ["data/[x].csv", "data/b.csv"]),
        ("data/?.csv", ["data/b.csv"]),
        ("data/deep", ["data/deep/.hidden", "data/deep/c.csv"]),
        ("data/deep/", ["data/deep/.hidden", "data/deep/c.csv"]),
        ("data/[x].csv", ["data/[x].csv"]),
        ("data/[[]x].csv", ["data/[x].csv"]),
        ("../outside.csv", ["../outside.csv"]),
    ],
)
def test_a_pattern_means_a_file_a_directory_or_what_fits(root: Path, pattern: str, files: list[str]) -> None:
    """Relative to the project root, in order."""
    assert matched([pattern], root).files == tuple(files)


def test_absolute_paths_stay_absolute(root: Path) -> None:
    """A job may use files beside its project."""
    assert matched([f"{root}/a.csv"], root).files == (f"{root}/a.csv",)


def test_each_file_is_named_once_and_patterns_without_files_are_told(root: Path) -> None:
    """Those that are certain to be a mistake first."""
    found = matched(["*.txt", "a.csv", "no.csv", "*.csv"], root)

    assert found.files == ("a.csv",)
    assert found.missing == ("no.csv", "*.txt")
