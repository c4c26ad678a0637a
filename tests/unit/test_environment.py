"""What expressions see as `env`."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.environment import Environment
from flowrun.errors import ExpressionError


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    """What was set for this run counts more than what lies in the project."""
    (tmp_path / ".env").write_text("A=file\nB=file\n")

    found = Environment({"A": "set", "C": "set"}, tmp_path)

    assert dict(found) == {"A": "set", "B": "file", "C": "set"}
    assert len(found) == 3
    assert "D" not in found
    assert dict(Environment({"A": "set"}, tmp_path / "none")) == {"A": "set"}


def test_a_file_that_cannot_be_read_harms_only_who_asks_for_it(tmp_path: Path) -> None:
    """What is in the environment needs no file."""
    (tmp_path / ".env").write_text("this is wrong\n")
    found = Environment({"A": "set"}, tmp_path)

    assert found["A"] == "set"
    with pytest.raises(ExpressionError, match=r"\.env:1: this line is not of the form"):
        found["B"]
