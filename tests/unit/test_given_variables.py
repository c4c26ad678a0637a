"""Variables of a command line, as they are written down."""

from __future__ import annotations

from flowrun.given_variables import LEFT_OUT, variable_options, variables_in


def test_options_tell_the_same_variables() -> None:
    """Also those with empty values and with signs of equality."""
    given = {"day": "2026-11-21", "filter": "a=b c", "empty": ""}

    assert dict(variables_in(["--only=load", *variable_options(given), "--force"])) == given


def test_secrets_are_left_out() -> None:
    """Known by the names of their variables."""
    options = variable_options({"db_password": "x", "day": "1"})

    assert dict(variables_in(options)) == {"db_password": LEFT_OUT, "day": "1"}
