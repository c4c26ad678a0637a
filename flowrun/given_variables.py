"""Given variables: those of a command line, as they may be written down and shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

LEFT_OUT = "…"
"""Stands for a value that nobody is to see."""
_OPTION = "--var="
_SECRET = "pass|secret|token|key|pwd|credential|auth"


def shown_value(name: str, value: object) -> str:
    """The value of a variable; that of one whose name says that it is a secret is left out."""
    return LEFT_OUT if re.search(_SECRET, name, re.IGNORECASE) else str(value)


def variable_options(variables: Mapping[str, object]) -> list[str]:
    """An option for each, as the command line takes it."""
    return [f"{_OPTION}{name}={shown_value(name, value)}" for name, value in variables.items()]


def variables_in(arguments: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and values of the variables among the options of a run."""
    for argument in arguments:
        if argument.startswith(_OPTION):
            name, _, value = argument.removeprefix(_OPTION).partition("=")
            yield name, value
