"""flowrun clean: deletes old runs from the history, with what they have left."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import Output
from .past_runs import history_options, moment, opened_history
from .printable import harmless
from .run import read_seconds

if TYPE_CHECKING:
    from ..history.retention import Doomed

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_MOST = 20
"""So many runs are named."""


def read_size(_ctx: click.Context, _option: click.Parameter, given: str | None) -> int | None:
    """`1G`, `500M`, or a number of bytes."""
    if given is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", given.strip(), re.IGNORECASE)
    if found is None:
        raise click.BadParameter(f"{given!r} is not a size such as 500M or 1G")
    return int(float(found[1]) * _UNITS[found[2].upper()])


@click.command("clean")
@click.option("--older-than", metavar="TIME", callback=read_seconds, help="Runs that began before that (30d).")
@click.option("--max-size", metavar="SIZE", callback=read_size, help="The oldest runs, until the rest fits (1G).")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@history_options
@click.pass_obj
def command(
    output: Output,
    /,
    older_than: float | None,
    max_size: int | None,
    dry_run: bool,
    yes: bool,
    is_json: bool,
    directory: Path | None,
) -> int:
    """Delete old runs that are over: what the history knows of them, their logs and large results.

    Runs that can still be continued stay continuable; `flowrun checkpoints clear` forgets them.
    """
    from ..history.retention import Retention

    if older_than is None and max_size is None:
        raise click.UsageError("say which runs are to go, with --older-than or --max-size")
    history, now = opened_history(directory, output), time.time()
    retention = Retention(history.root, history, now)
    doomed = retention.chosen(None if older_than is None else now - older_than, max_size)
    if not dry_run and doomed and not yes and output.can_ask:
        output.say(_text(doomed, "to be deleted"))
        if not output.ask("Delete?"):
            return 1
    if not dry_run:
        retention.delete(doomed)
    if is_json:
        runs = [{"run": it.run.id, "job": it.run.job, "bytes": it.size} for it in doomed]
        output.result(json.dumps({"version": 1, "is_dry_run": dry_run, "runs": runs}, indent=2))
    else:
        output.say(_text(doomed, "would be deleted" if dry_run else "deleted"))
    return 0


def _text(doomed: list[Doomed], what: str) -> str:
    if not doomed:
        return "no run is to go"
    size = sum(it.size for it in doomed) / _UNITS["M"]
    named = [f"  {it.run.id}   {harmless(it.run.job, 60)}   {moment(it.run.started)}" for it in doomed[:_MOST]]
    more = [f"  … and {len(doomed) - _MOST:,} more"] if len(doomed) > _MOST else []
    runs = "1 run" if len(doomed) == 1 else f"{len(doomed):,} runs"
    return "\n".join([f"{runs} {what}, with {size:,.1f} MiB of files", *named, *more])
