"""flowrun status: shows an unfinished run, task by task, with its values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ..checkpointer.checkpointer import CheckpointContents
from .kept_runs import chosen_run, kept_runs
from .local_time import local_time
from .options import reading_options, source_of
from .output import Output
from .place_options import job_option
from .printable import harmless
from .run_tree import RunTree

if TYPE_CHECKING:
    from ..app import OpenJob

_MOST_CHARACTERS = 300


@click.command("status")
@click.argument("run", required=False)
@job_option("The job, by file or name; without it, the newest run of the project is shown, whatever its job.")
@reading_options
@click.option("--values", "has_values", is_flag=True, help="Show results and shared values; secrets are hidden.")
@click.option("--json", "is_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def command(output: Output, /, run: str | None, has_values: bool, is_json: bool, **given: Any) -> int:
    """Show the unfinished run whose id begins with RUN, or the newest, task by task.

    --values needs to know the job, for its secrets: name it with -j, unless the project has just one.
    """
    job = _opened(given, is_needed=has_values)
    kept = kept_runs(job, given["directory"])
    runs = [one for one in kept.runs if job is None or one.name == job.name]
    for notice in kept.notices:
        output.say(f"{output.paint('notice', 'yellow')}: {harmless(notice, 400)}")
    if not runs and run in (None, "@last"):
        output.say("no unfinished run is kept")
        return 0
    if run and run != "@last" and any(one.name == run for one in runs):
        raise click.UsageError(f"{run!r} is a job; `flowrun status -j {run}` shows its newest run")
    chosen = runs[0] if run in (None, "@last") else chosen_run(runs, run or "")
    values = _values(chosen, job) if has_values and job is not None else {}
    if is_json:
        output.result(json.dumps({"version": 1, **_record(chosen), **values}, indent=2))
    else:
        output.result(_text(chosen, values, has_symbols=output.has_symbols))
    return 0


def _opened(given: dict[str, Any], *, is_needed: bool) -> OpenJob | None:
    if given["job"] is None and not is_needed:
        return None
    from ..app import open_job

    return open_job(source_of({**given, "named": None}))


def _values(run: CheckpointContents, job: OpenJob) -> dict[str, dict[str, Any]]:
    """Results and shared values in plain form, without secrets."""
    from ..assemble import open_checkpointer
    from ..continuation import encoded_shared
    from ..secrets.mask import Mask

    mask = job.checked.secrets.mask if job.checked.secrets else Mask()
    results = {name: _shown(text, mask) for name, text in run.results.items()}
    shared = encoded_shared(open_checkpointer(job), run)
    return {
        "results": results,
        "shared": {str(_shown(key, mask)): _shown(text, mask) for key, text in shared.items()},
    }


def _shown(text: str, mask: Any) -> Any:
    from ..values.plain_form import plain_form

    return json.loads(mask.encoded(json.dumps(plain_form(mask.encoded(text)), ensure_ascii=False)))


def _record(run: CheckpointContents) -> dict[str, Any]:
    tasks = [
        {"name": name, "state": state.name, "attempts": run.attempts.get(name, 0)}
        for name, state in RunTree(run).states.items()
    ]
    return {"run": run.run_id, "job": run.name, "started": run.started, "ended": run.ended, "tasks": tasks}


def _text(run: CheckpointContents, values: Mapping[str, Mapping[str, Any]], *, has_symbols: bool) -> str:
    lines = [
        f"run {run.run_id} of {harmless(run.name, 100)}, started {local_time(run.started)}",
        RunTree(run).text(has_symbols=has_symbols),
    ]
    for title, of_title in values.items():
        width = max(map(len, of_title), default=0)
        lines += ["", title, *(f"  {harmless(name):<{width}}   {_line(value)}" for name, value in of_title.items())]
        lines += [] if of_title else ["  none"]
    return "\n".join(lines)


def _line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    size = f"   ({len(text):,} characters)" if len(text) > _MOST_CHARACTERS else ""
    return harmless(text, _MOST_CHARACTERS) + size
