"""Labels of a worker on the command line and in the environment."""

from __future__ import annotations

import click
import pytest

from flowrun.cli.labels import LABELS, read_labels


def read(arguments: list[str], variable: str = "") -> dict[str, str]:
    """The labels of a command with these arguments, where the variable has this value."""
    option = click.Option(["--labels"], type=LABELS, multiple=True, callback=read_labels, envvar="TRIED_LABELS")
    command = click.Command("worker", params=[option], callback=lambda labels: labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIED_LABELS", variable)
        found: dict[str, str] = command.main(arguments, standalone_mode=False)
    return found


def test_several_stand_with_commas_or_one_by_one() -> None:
    """A value may have spaces and `=` in it, and may be empty; of the same key the last one counts."""
    assert read(["--labels", "zone=eu, disk=ssd", "--labels", "rack=row 4=b,gpu="]) == {
        "zone": "eu",
        "disk": "ssd",
        "rack": "row 4=b",
        "gpu": "",
    }
    assert read(["--labels", "zone=eu,zone=us"]) == {"zone": "us"}


def test_the_command_line_stands_in_place_of_the_variable() -> None:
    """And without both there is none."""
    assert read([], "zone=eu, rack=row 4") == {"zone": "eu", "rack": "row 4"}
    assert read(["--labels", "disk=ssd"], "zone=eu") == {"disk": "ssd"}
    assert read([]) == {}


def test_what_is_no_label_is_refused() -> None:
    """With the form that is allowed."""
    with pytest.raises(click.BadParameter, match="'zone' is not of the form KEY=VALUE"):
        read(["--labels", "zone"])
