"""The command that continues a run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from flowrun.cli.typed_command import continuing_command


@pytest.fixture(autouse=True)
def _called_flowrun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/flowrun"])


def given(**more: Any) -> dict[str, Any]:
    return {"job": None, "named": None, "directory": None, "kind": "yaml", "variables": {}, **more}


def test_it_is_what_the_user_would_type() -> None:
    """The job as it was named, and -r."""
    assert continuing_command(given(named="jobs/nightly.yaml")) == "flowrun -j jobs/nightly.yaml -r"
    assert continuing_command(given()) == "flowrun -r"


def test_options_that_say_which_job_it_is_come_along() -> None:
    """Root, format and variables; everything quoted for the shell."""
    text = continuing_command(
        given(job="my job.yaml", directory=Path("a b"), kind="toml", variables={"day": "2026-01-01", "x": "a b"})
    )

    assert shlex.split(text) == [
        *("flowrun", "-j", "my job.yaml", "-C", "a b", "-t", "toml"),
        *("--var", "day=2026-01-01", "--var", "x=a b", "-r"),
    ]


def test_what_a_terminal_would_obey_is_written_out() -> None:
    """A value with control characters is one word that a shell reads as that value."""
    text = continuing_command(given(named="j.yaml", variables={"note": "red\x1b[31m\nit's"}))

    assert text == r"flowrun -j j.yaml --var $'note=red\x1b[31m\nit\'s' -r"


def test_values_that_look_like_secrets_are_left_out() -> None:
    """A log of the terminal must not hold what a careful person would not write into it."""
    text = continuing_command(given(job="j.yaml", variables={"db_password": "hunter2", "API_TOKEN": "abc"}))

    assert "hunter2" not in text
    assert "abc" not in text
    assert "db_password=…" in text


def test_a_module_is_named_as_it_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m flowrun` works where the command is not on the path."""
    monkeypatch.setattr("sys.argv", ["/lib/flowrun/__main__.py"])

    assert continuing_command(given(job="j.yaml")) == "python -m flowrun -j j.yaml -r"
