"""The table of commands, and what happens to what nobody can make sense of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from flowrun import __version__
from flowrun.cli.commands import COMMANDS, commands
from flowrun.cli.main import perform

from .conftest import Said

Give = Callable[..., Said]


def test_every_command_of_the_table_exists_and_explains_itself() -> None:
    """Each has a help text and help for each option."""
    context = click.Context(commands, info_name="flowrun")

    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        assert command.help, name
        assert [o.name for o in command.params if isinstance(o, click.Option) and not o.help] == []


def test_help_goes_to_stdout(flowrun: Give) -> None:
    """Both spellings, with every command. FM-11"""
    for option in ("-h", "--help"):
        said = flowrun(option)
        assert (said.status, said.err) == (0, "")
        assert all(name in said.out for name in COMMANDS)


def test_help_is_a_command_too(flowrun: Give) -> None:
    """Of all commands, of one, of one below another; an unknown one is no success. F2-21"""
    assert flowrun("help").out == flowrun("--help").out
    assert flowrun("help", "plan").out == flowrun("plan", "--help").out
    assert flowrun("help", "checkpoints", "clear").out == flowrun("checkpoints", "clear", "--help").out
    assert (flowrun("help", "plam").status, flowrun("help", "plan", "more").status) == (2, 2)


def test_the_version_names_the_python_too(flowrun: Give) -> None:
    """What a bug report needs first."""
    assert flowrun("--version").out.startswith(f"flowrun {__version__} (Python 3.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nope"], "--nope"),
        (["run", "--nope"], "--nope"),
        (["jobs/nightly.yaml", "--max-concurrency", "many"], "many"),
        (["jobs/nightly.yaml", "--var", "x"], "KEY=VALUE"),
        (["jobs/nightly.yaml", "--deadline", "soon"], "soon"),
        (["validat", "jobs/nightly.yaml"], "there is no command 'validat'; did you mean 'validate'?"),
        (["nightly"], "-j FILE"),
        (["nightly"], "-j nightly"),
        (["new"], "error: Missing command.\n"),
        (["jobs/etl.py"], "-j jobs/etl.py:job"),
        (["jobs/nightly.yaml", "-C", "nowhere"], "nowhere"),
    ],
)
def test_wrong_usage_has_its_own_status(flowrun: Give, arguments: list[str], words: str) -> None:
    """2, with the offending word, where to read on, and nothing on stdout. FM-09, FM-10, FM-11"""
    said = flowrun(*arguments)

    assert (said.status, said.out) == (2, "")
    assert words in said.err
    assert "--help` tells more" in said.err


def test_without_any_job_it_says_how_to_name_one(flowrun: Give, root: Path) -> None:
    """No arguments and nothing in jobs/. FM-12"""
    (root / "jobs" / "nightly.yaml").unlink()

    said = flowrun()

    assert said.status == 2
    assert "no job was given: name its file" in said.err
    assert not (root / ".flowrun").exists()


def test_a_missing_job_file_is_named(flowrun: Give) -> None:
    """A path that leads nowhere is an invalid definition. FM-02, FM-20"""
    said = flowrun("../nowhere/job.yaml")

    assert said.status == 3
    assert "FR101" in said.err
    assert "../nowhere/job.yaml" in said.err


def test_an_unknown_format_names_the_known_ones(flowrun: Give) -> None:
    """`-t` takes what is registered. FM-03"""
    said = flowrun("jobs/nightly.yaml", "-t", "toml")

    assert said.status == 2
    assert "toml" in said.err
    assert "yaml" in said.err


def test_an_unknown_task_is_a_usage_error(flowrun: Give) -> None:
    """With the name that was probably meant. FM-06, FM-07, FM-08"""
    for option in ("--skip", "--run-to", "--run-from", "--only", "--from", "--downstream", "--mark-completed"):
        said = flowrun("plan", "jobs/nightly.yaml", option, "laod")
        assert said.status == 2
        assert "'laod'" in said.err
        assert "'load'" in said.err


def test_a_mistake_of_flowrun_leaves_a_report_and_no_traceback(
    flowrun: Give, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 70; the report has the traceback and no value of a variable."""

    def fail(*_arguments: object) -> None:
        raise KeyError("unthinkable\x1b")

    monkeypatch.setattr("flowrun.app.open_job", fail)

    said = flowrun("show", "jobs/nightly.yaml", "--var", "password=hunter2")

    (report,) = (root / "state" / "flowrun").glob("crash-*.txt")
    assert said.status == 70
    assert str(report) in said.err
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err
    assert "Traceback" in report.read_text()
    assert "hunter2" not in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


def test_a_report_that_cannot_be_written_is_no_second_mistake(
    flowrun: Give, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 70 still, with the error in one line."""
    (root / "no-directory").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(root / "no-directory"))
    monkeypatch.setenv("TMPDIR", str(root / "no-directory"))
    monkeypatch.setattr("flowrun.app.open_job", lambda *_: [][0])

    said = flowrun("show", "jobs/nightly.yaml")

    assert said.status == 70
    assert "IndexError" in said.err
    assert "no report could be written" in said.err


def test_a_prompt_that_is_interrupted_counts_as_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    """130, as after Ctrl-C anywhere else."""

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flowrun.app.open_job", interrupt)

    assert perform(["show", "job.yaml"]) == 130


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_scripts_call_flowrun(flowrun: Give, shell: str) -> None:
    """Each shell has its script."""
    said = flowrun("completion", shell)

    assert said.status == 0
    assert "_FLOWRUN_COMPLETE" in said.out


@pytest.mark.parametrize(
    "typed",
    [
        ["-j"],
        ["run", "-j"],
        ["plan", "--job"],
        ["plan"],
        ["validate"],
        ["validate", "-j"],
        ["checkpoints", "list", "-j"],
    ],
)
def test_a_shell_completes_the_names_of_job_files(typed: list[str]) -> None:
    """Wherever a job is named."""
    from click.shell_completion import ShellComplete

    found = ShellComplete(commands, {}, "flowrun", "_FLOWRUN_COMPLETE").get_completions(typed, "jo")

    assert [one.type for one in found] == ["file"]
