"""flowrun approve: approves a task that waits for that, or lists what waits."""

from __future__ import annotations

from pathlib import Path

import click

from .answering import Reply, answer, answer_options, list_waiting
from .output import Output


@click.command("approve")
@answer_options(is_needed=False)
@click.pass_obj
def command(
    output: Output, /, run: str | None, task: str | None, comment: str, is_json: bool, directory: Path | None
) -> int:
    """Approve TASK of RUN, which waits for it: it starts. Without RUN, list what waits.

    RUN is the beginning of an id; TASK may be left out if only one waits in that run. A run that has ended before
    takes the answer when it is continued.
    """
    if run is None:
        return list_waiting(output, directory, is_json=is_json)
    return answer(output, Reply(run, task, "approved", comment), directory, is_json=is_json)
