"""flowrun reject: rejects a task that waits for an approval."""

from __future__ import annotations

from pathlib import Path

import click

from .answering import Reply, answer, answer_options
from .output import Output


@click.command("reject")
@answer_options(is_needed=True)
@click.pass_obj
def command(output: Output, /, run: str, task: str | None, comment: str, is_json: bool, directory: Path | None) -> int:
    """Reject TASK of RUN, which waits for an approval: it fails, and what depends on it does not start.

    RUN is the beginning of an id; TASK may be left out if only one waits in that run. A run that has ended before
    takes the answer when it is continued.
    """
    return answer(output, Reply(run, task, "rejected", comment), directory, is_json=is_json)
