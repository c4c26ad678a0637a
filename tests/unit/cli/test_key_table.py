"""The keys of job files."""

from __future__ import annotations

import pytest

from flowrun.cli.key_table import key_rows, rows_for


def test_every_key_says_what_it_takes_and_means() -> None:
    """No key of the format is without an explanation."""
    rows = list(key_rows())

    assert {"config.deadline", "tasks.*.timeout", "checkpointer.parameters", "pools.*.slots"} <= {
        row.path for row in rows
    }
    assert [row.path for row in rows if not row.takes] == []
    assert [row.path for row in rows if not row.meaning and row.path != "config"] == []


@pytest.mark.parametrize("subject", ["tasks.load.timeout", "tasks.etl.serial.load.timeout", "tasks.*.timeout"])
def test_a_key_is_found_by_any_of_its_names(subject: str) -> None:
    """With the name of a task, in a group too, or with a star."""
    (row,) = rows_for(subject)

    assert (row.path, row.required) == ("tasks.*.timeout", False)
    assert "text" in row.takes


def test_a_key_alone_is_found_wherever_it_may_stand() -> None:
    """A task and its approval have a `timeout` each."""
    assert [row.path for row in rows_for("timeout")] == ["tasks.*.timeout", "tasks.*.approve.timeout"]


def test_a_section_brings_its_keys() -> None:
    """`explain pools` tells all about pools."""
    assert [row.path for row in rows_for("pools")] == ["pools", "pools.*.slots"]


def test_closed_lists_and_defaults_are_told() -> None:
    """Which words may stand there, and which counts without any."""
    (row,) = rows_for("on_overlap")

    assert row.takes == "`refuse` or `skip` or `wait` or `allow`"
    assert row.default == '"refuse"'


def test_a_key_that_takes_anything_says_so() -> None:
    """Items may be a list, a mapping, text."""
    assert [row.takes for row in rows_for("foreach")] == ["any value"]


def test_what_is_no_key_is_not_found() -> None:
    """An unknown key is told apart from one without words."""
    assert rows_for("tasks.*.dependancies") == []
