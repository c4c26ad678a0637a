"""The command that continues a run, as its user would type it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ..given_variables import shown_value
from ..plaintext import as_argument, quoted


def continuing_command(given: Mapping[str, Any]) -> str:
    """`flowrun -j jobs/nightly.yaml -r`, with the options that say which job it is.

    The value of a variable whose name says that it is a secret is left out.
    """
    job = given["job"] or given["named"]
    words = [_program(), *(("-j", quoted(job)) if job else ())]
    if given["directory"]:
        words += ["-C", quoted(str(given["directory"]))]
    if given["kind"] != "yaml":
        words += ["-t", quoted(given["kind"])]
    for name, value in given["variables"].items():
        words += ["--var", quoted(f"{name}={shown_value(name, value)}")]
    return " ".join([*words, "-r"])


def answering_command(command: str, run: str, task: str, where: str = "") -> str:
    """`flowrun approve 7f3a publish`; `where` is ` -C ROOT` if it needs that."""
    return f"{_program()} {command}{where} {run} {as_argument(task)}"


def _program() -> str:
    return "python -m flowrun" if sys.argv[0].endswith("__main__.py") else "flowrun"
