"""Jobs by name."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from flowrun.errors import DefinitionError
from flowrun.job_library import JobLibrary


def with_jobs(directory: Path, *names: str) -> Path:
    """A directory with job files of these names."""
    directory.mkdir(parents=True)
    for name in names:
        (directory / name).write_text("tasks: {}\n")
    return directory


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobLibrary:
    """A project, a user and an installed package, all of which have jobs."""
    with_jobs(tmp_path / "project" / "jobs", "nightly.yaml", "load.yml", "load.yaml", "notes.txt")
    with_jobs(tmp_path / "project" / "jobdefs", "old.yaml")
    with_jobs(tmp_path / "config" / "flowrun" / "jobs", "nightly.yaml", "clean.yaml")
    with_jobs(tmp_path / "installed" / "shop_jobs", "clean.yaml", "report.yaml", "__init__.py")
    monkeypatch.syspath_prepend(tmp_path / "installed")
    point = EntryPoint("shop", "shop_jobs", "flowrun.jobs")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point] if group == point.group else [])
    return JobLibrary(tmp_path / "project", {"XDG_CONFIG_HOME": str(tmp_path / "config")})


@pytest.mark.parametrize(
    ("name", "path", "origin"),
    [
        ("nightly", "project/jobs/nightly.yaml", "project"),
        ("load", "project/jobs/load.yaml", "project"),
        ("old", "project/jobdefs/old.yaml", "project"),
        ("clean", "config/flowrun/jobs/clean.yaml", "user"),
        ("report", "installed/shop_jobs/report.yaml", "package"),
    ],
)
def test_the_project_comes_first_then_the_user_then_packages(
    library: JobLibrary, tmp_path: Path, name: str, path: str, origin: str
) -> None:
    """The precedence that is promised. F2-14"""
    found = library.named(name)

    assert (found.path, found.origin) == (tmp_path / path, origin)


def test_all_jobs_are_listed_and_those_that_are_hidden_marked(library: JobLibrary) -> None:
    """A job that cannot be reached by its name is still seen. F2-15"""
    listed = [(job.name, job.origin, job.package, job.is_shadowed) for job in library.jobs()]

    assert listed == [
        ("load", "project", "", False),
        ("nightly", "project", "", False),
        ("old", "project", "", False),
        ("clean", "user", "", False),
        ("nightly", "user", "", True),
        ("clean", "package", "shop_jobs", True),
        ("report", "package", "shop_jobs", False),
    ]


def test_directories_are_looked_at_in_order(library: JobLibrary, tmp_path: Path) -> None:
    """Those that do not exist are named too, for there jobs may go. F2-15"""
    assert [str(shelf.directory.relative_to(tmp_path)) for shelf in library.shelves] == [
        "project/jobs",
        "project/jobdefs",
        "config/flowrun/jobs",
        "installed/shop_jobs",
    ]


def test_the_environment_names_other_directories(tmp_path: Path) -> None:
    """Several, from the project root or absolute. F2-14"""
    with_jobs(tmp_path / "ops", "nightly.yaml")
    mine = with_jobs(tmp_path / "mine", "clean.yaml")
    library = JobLibrary(tmp_path, {"FLOWRUN_PROJECT_JOBS": "flows:ops", "FLOWRUN_USER_JOBS": str(mine)})

    assert library.project_directories == [tmp_path / "flows", tmp_path / "ops"]
    assert library.named("nightly").path == tmp_path / "ops" / "nightly.yaml"
    assert library.named("clean").origin == "user"
    assert library.user_directory == mine


def test_without_a_setting_the_users_jobs_are_below_the_home_directory(tmp_path: Path) -> None:
    """Where other programs keep what belongs to the user; a relative setting counts for nothing."""
    for environ in ({"HOME": "/home/ada"}, {"HOME": "/home/ada", "XDG_CONFIG_HOME": "conf"}):
        assert JobLibrary(tmp_path, environ).user_directory == Path("/home/ada/.config/flowrun/jobs")


def test_an_unknown_name_tells_where_was_searched_and_what_is_near(library: JobLibrary) -> None:
    """And is no success. F2-20, X-F2-04"""
    with pytest.raises(DefinitionError) as refused:
        library.named("nigthly")

    [problem] = refused.value.problems
    assert (refused.value.exit_status, problem.code) == (3, "FR116")
    assert "did you mean `nightly`?" in problem.label
    assert "project/jobdefs" in problem.notes[0]
    assert "shop_jobs" in problem.notes[0]
    assert problem.notes[1] == "jobs there: load, nightly, old, clean, report"
