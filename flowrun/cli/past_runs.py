"""The history as commands open it, and the words in which they show runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .output import Output
from .place_options import directory_option
from .printable import harmless
from .task_look import LOOKS

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import RunRow

F = TypeVar("F", bound=Callable[..., Any])

SIGNS = {"completed": "✓", "failed": "✗", "stopped": "⊘", "interrupted": "⊘", "running": "●"}
_COLOURS = {"completed": "green", "failed": "red", "stopped": "yellow", "interrupted": "yellow", "running": "blue"}
TASK_WORDS = {state: look.word for state, look in LOOKS.items()}
"""The state of a task as a person reads it."""


def history_options(command: F) -> F:
    """Give a command the options that say which history is meant, and `--json`."""
    for option in (
        click.option("--json", "is_json", is_flag=True, help="Write JSON."),
        directory_option("Project root; without it, the project of the current directory."),
    ):
        command = option(command)
    return command


def opened_history(directory: Path | None, output: Output) -> History:
    """The history of a project, with everything that was written until now."""
    from ..history.reader import History
    from ..project_root import find_root

    history = History((directory or find_root(None, Path.cwd())).resolve())
    history.refresh()
    for notice in history.notices:
        output.say(f"{output.paint('notice', 'yellow')}: {harmless(notice, 400)}")
    return history


def read_since(_ctx: click.Context, _option: click.Parameter, given: str | None) -> float | None:
    """`7d`, or a time such as `2026-11-21` or `2026-11-21T02:00`, as seconds of Unix time."""
    if given is None:
        return None
    from ..jobdefinition.quantities import seconds

    try:
        return time.time() - float(seconds(given))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(given).astimezone().timestamp()
    except ValueError:
        raise click.BadParameter(f"{given!r} is neither a duration such as 7d nor a time such as 2026-11-21") from None


def moment(at: float | None) -> str:
    """Local time with its zone, to the minute."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def state_text(run: RunRow, output: Output) -> str:
    """`✗ failed`."""
    sign = f"{SIGNS[run.state]} " if output.has_symbols else ""
    return f"{sign}{output.paint(run.state, _COLOURS[run.state])}"


def counts_text(run: RunRow) -> str:
    """`6 completed, 1 failed`."""
    return ", ".join(f"{run.counts[state]:,} {word}" for state, word in TASK_WORDS.items() if run.counts.get(state))


def cause_text(run: RunRow, most: int) -> str:
    """`load: ValueError: no rows`, or what a run that ended waits for; empty if nothing went wrong."""
    if not (run.root_cause or run.message):
        return "waits for an approval" if run.ending == "waiting for an approval" else ""
    return harmless(": ".join(filter(None, (run.root_cause, run.message))), most)


def run_record(run: RunRow) -> dict[str, Any]:
    """A run for programs. `version` is that of the form, which stands beside it."""
    record = run.record()
    return {"run": record.pop("id"), "flowrun_version": record.pop("version"), **record}
