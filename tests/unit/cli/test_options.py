"""The options that say which job is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from flowrun.app import JobSource
from flowrun.cli.options import is_name, job_files, job_options, only_job_in, request_of, selection_options, source_of
from flowrun.cli.run import read_seconds


def parsed(*arguments: str) -> dict[str, Any]:
    """What click makes of a command line."""

    @click.command()
    @job_options
    @selection_options
    def command(**given: Any) -> None:
        """Take all options of a run."""

    return command.make_context("run", list(arguments)).params


def test_a_job_is_named_by_option_or_position() -> None:
    """`-j FILE`, `--jobdef FILE` and `FILE` mean the same. FM-02"""
    for arguments in (["-j", "a.yaml"], ["--job", "a.yaml"], ["--jobdef", "a.yaml"], ["a.yaml"]):
        assert source_of(parsed(*arguments)).job == "a.yaml"


def test_two_jobs_are_one_too_many() -> None:
    """Nobody guesses which is meant."""
    with pytest.raises(click.UsageError, match=r"a\.yaml and b\.yaml"):
        source_of(parsed("-j", "a.yaml", "b.yaml"))


def test_variables_are_cut_at_the_first_equals_sign() -> None:
    """Values may contain `=`, the last of the same name counts. FM-10"""
    assert source_of(parsed("a.yaml", "--var", "x=1", "--var", "x=a=b", "--var", "y=")).variables == {
        "x": "a=b",
        "y": "",
    }


@pytest.mark.parametrize("text", ["x", "=1", ""])
def test_a_variable_without_name_or_sign_is_refused(text: str) -> None:
    """The message says what is expected. FM-10"""
    with pytest.raises(click.BadParameter, match="KEY=VALUE"):
        parsed("a.yaml", "--var", text)


@pytest.mark.parametrize(
    ("arguments", "job", "restart"),
    [
        (["a.yaml"], "a.yaml", False),
        (["a.yaml", "-r"], "a.yaml", True),
        (["-r", "a.yaml"], "a.yaml", True),
        (["-r", "jobs/a"], "jobs/a", True),
        (["-r", "-j", "a.yaml"], "a.yaml", True),
        (["-j", "a.yaml", "-r", "7f3a"], "a.yaml", "7f3a"),
        (["--restart", "7f3a", "a.yaml"], "a.yaml", "7f3a"),
    ],
)
def test_a_restart_may_name_its_run(arguments: list[str], job: str, restart: bool | str) -> None:
    """`-r` alone takes the last run; a job that follows it is not taken for one. FM-04"""
    request = request_of(parsed(*arguments))

    assert isinstance(request.source, JobSource)
    assert (request.source.job, request.restart) == (job, restart)


def test_every_choice_of_tasks_may_be_repeated() -> None:
    """Names are taken as they are, commas and all. FM-06, FM-07, FM-08"""
    selection = request_of(
        parsed(
            *("a.yaml", "--skip", "a,b", "--skip", "c", "--run-to", "d", "--run-from", "e", "--only", "f"),
            *("--from", "g", "--downstream", "h", "--mark-completed", "i"),
        )
    ).selection

    assert selection.skip == ("a,b", "c")
    assert (selection.run_to, selection.run_from, selection.only) == (("d",), ("e",), ("f",))
    assert (selection.start_from, selection.downstream, selection.mark_completed) == (("g",), ("h",), ("i",))


def test_the_only_job_of_a_directory_needs_no_name(tmp_path: Path) -> None:
    """One file is taken, none and several are usage errors that say what to do. FM-12"""
    with pytest.raises(click.UsageError, match="no job was given"):
        only_job_in(tmp_path / "jobs")
    (tmp_path / "a.yaml").touch()
    (tmp_path / "notes.txt").touch()

    assert only_job_in(tmp_path) == str(tmp_path / "a.yaml")

    (tmp_path / "b.yml").touch()
    with pytest.raises(click.UsageError, match=r"a\.yaml, .*b\.yml"):
        only_job_in(tmp_path)


def test_the_only_job_may_lie_in_a_second_directory(tmp_path: Path) -> None:
    """`jobs/` and `jobdefs/` count together."""
    for name in ("jobs", "jobdefs"):
        (tmp_path / name).mkdir()
    (tmp_path / "jobdefs" / "b.yaml").touch()

    assert only_job_in(tmp_path / "jobs", tmp_path / "jobdefs") == str(tmp_path / "jobdefs" / "b.yaml")
    (tmp_path / "jobs" / "a.yaml").touch()
    with pytest.raises(click.UsageError, match=r"several in .*jobs/ and .*jobdefs/"):
        only_job_in(tmp_path / "jobs", tmp_path / "jobdefs")


@pytest.mark.parametrize(
    ("text", "is_one"), [("nightly", True), ("a-b_c", True), ("a.yaml", False), ("jobs/a", False), ("-", False)]
)
def test_a_name_has_no_dot_and_no_slash(text: str, is_one: bool) -> None:
    """Everything else is the path of a file. F2-14"""
    assert is_name(text) is is_one


def test_directories_stand_for_their_job_files(tmp_path: Path) -> None:
    """`flowrun validate jobs` checks them all."""
    (tmp_path / "b.yaml").touch()
    (tmp_path / "a.yml").touch()

    assert job_files(["x.yaml", str(tmp_path), "-"]) == [
        "x.yaml",
        str(tmp_path / "a.yml"),
        str(tmp_path / "b.yaml"),
        "-",
    ]


def test_a_directory_without_jobs_is_a_mistake(tmp_path: Path) -> None:
    """Nothing to check is no success."""
    with pytest.raises(click.UsageError, match="no job file"):
        job_files([str(tmp_path)])


@pytest.mark.parametrize(("text", "value"), [("90", 90.0), ("90s", 90.0), ("1h30m", 5400.0), ("0.5", 0.5)])
def test_a_deadline_is_a_duration(text: str, value: float) -> None:
    """Seconds, or with units."""
    context = click.Context(click.Command("run"))

    assert read_seconds(context, click.Option(["--deadline"]), text) == value


@pytest.mark.parametrize("text", ["soon", "", "0", "-1", "inf", "nan", "true"])
def test_other_deadlines_are_refused(text: str) -> None:
    """With a message, not a traceback."""
    with pytest.raises(click.BadParameter):
        read_seconds(click.Context(click.Command("run")), click.Option(["--deadline"]), text)
