"""flowrun checkpoints: lists and clears what is kept of unfinished runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..checkpointer.checkpointer import CheckpointContents
from ..checkpointer.damaged_run import DamagedRun
from ..eventbus.execution import ExecutionState
from .kept_runs import Kept, KeptRuns, chosen_run, kept_runs
from .local_time import local_time
from .options import reading_options
from .output import Output
from .place_options import job_option
from .printable import harmless

_COUNTED = (
    (ExecutionState.COMPLETED, "completed"),
    (ExecutionState.FAILED, "failed"),
    (ExecutionState.DEFAULTED, "blocked"),
    (ExecutionState.ABORTED, "interrupted"),
    (ExecutionState.RUNNING, "running or cut off"),
)

_which_job = job_option("Use the checkpointer of this job; else that of `.flowrun`.")


class Checkpoints(click.Group):
    """The commands below `checkpoints`; `list` needs not be said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of arguments that name no command."""
        is_listing = not args or (args[0].startswith("-") and args[0] not in ("-h", "--help"))
        return super().parse_args(ctx, ["list", *args] if is_listing else args)


@click.group("checkpoints", cls=Checkpoints)
def command() -> None:
    """List or clear what is kept of unfinished runs. Without a command, they are listed."""


@command.command("list")
@_which_job
@reading_options
@click.option("--json", "is_json", is_flag=True, help="Write the list as JSON.")
@click.pass_obj
def show(output: Output, /, is_json: bool, **given: Any) -> int:
    """List unfinished runs, the newest first."""
    kept = _opened(given)
    if is_json:
        output.result(json.dumps({"version": 1, "runs": [_record(run) for run in kept.runs]}, indent=2))
    elif kept.runs:
        output.result("\n".join(_line(run) for run in kept.runs))
    else:
        output.say("no unfinished run is kept")
    _say_notices(kept, output)
    return 0


@command.command("clear")
@click.argument("ids", nargs=-1, metavar="[RUN]...")
@_which_job
@reading_options
@click.option("--all", "is_all", is_flag=True, help="Clear every unfinished run.")
@click.option("--dry-run", is_flag=True, help="Only say what would be cleared.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def clear(output: Output, /, ids: Sequence[str], is_all: bool, dry_run: bool, yes: bool, **given: Any) -> int:
    """Forget unfinished runs: those whose ids begin with RUN, or all, damaged ones too.

    They cannot be continued any more.
    """
    if bool(ids) == is_all:
        raise click.UsageError("name the runs to clear, or give --all")
    kept = _opened(given)
    every: list[Kept] = [*kept.runs, *kept.damaged]
    chosen = every if is_all else [chosen_run(every, prefix) for prefix in ids]
    if not dry_run and not yes and chosen and output.can_ask:
        output.say("\n".join(_line(run) for run in chosen))
        if not output.ask("Clear?"):
            return 1
    for run in chosen:
        if not dry_run:
            kept.clear(run)
        output.say(f"{'would clear' if dry_run else 'cleared'} {_line(run)}")
    if not chosen:
        output.say("no unfinished run is kept")
    return 0


def _opened(given: dict[str, Any]) -> KeptRuns:
    directory: Path | None = given["directory"]
    if given["job"] is None:
        return kept_runs(None, directory)
    from ..app import open_job
    from .options import source_of

    return kept_runs(open_job(source_of({**given, "named": None})), directory)


def _line(run: Kept) -> str:
    if isinstance(run, DamagedRun):
        return f"{run.run_id}   {harmless(run.name, 100)}   {harmless(run.why, 400)}"
    counts = [f"{len(run.states[state.value])} {word}" for state, word in _COUNTED if run.states.get(state.value)]
    left = sum(len(run.states.get(letter, ())) for letter in ("_", "P"))
    counts += [f"{left} not started"] if left else []
    return f"{run.run_id}   {harmless(run.name, 100)}   started {local_time(run.started)}   {', '.join(counts)}"


def _record(run: CheckpointContents) -> dict[str, Any]:
    states = {ExecutionState(letter).name: sorted(names) for letter, names in run.states.items() if names}
    return {"run": run.run_id, "job": run.name, "started": run.started, "ended": run.ended, "states": states}


def _say_notices(kept: KeptRuns, output: Output) -> None:
    for notice in kept.notices:
        output.say(f"{output.paint('notice', 'yellow')}: {harmless(notice, 400)}")
