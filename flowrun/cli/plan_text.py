"""The plan of a run as a person reads it before it starts."""

from __future__ import annotations

from itertools import groupby

from ..engine.restart import PlanRow, RestartPlan
from .local_time import local_time
from .paint import Paint
from .printable import harmless, listed

_MOST_LINES = 40
_COLOURS = {"rerun": "yellow", "run": "yellow", "new": "green", "gone": "red", "skip": "dim", "lost": "red"}


def plan_text(plan: RestartPlan, job: str, paint: Paint) -> str:
    """Headline, then one line per task; neighbours with the same verb and reason share a line."""
    lines = [_headline(plan, job), ""]
    groups = [
        (verb, why, list(rows)) for (verb, why), rows in groupby(_in_order(plan), lambda row: (row.verb, row.why))
    ]
    for verb, why, rows in groups[:_MOST_LINES]:
        names = listed([row.task for row in rows])
        mark = paint(f"{verb:<6}", _COLOURS[verb]) if verb in _COLOURS else f"{verb:<6}"
        lines.append(f"  {mark}  {names}{f'   {harmless(why, 300)}' if why else ''}")
    if len(groups) > _MOST_LINES:
        lines.append(f"  … and {len(groups) - _MOST_LINES} more lines")
    return "\n".join([*lines, "", _summary(plan)])


def _in_order(plan: RestartPlan) -> list[PlanRow]:
    """In file order, but what is kept without a remark stands together at the top."""
    quiet = [row for row in plan.rows if row.verb == "keep" and not row.why]
    return [*quiet, *(row for row in plan.rows if row.verb != "keep" or row.why)]


def _headline(plan: RestartPlan, job: str) -> str:
    if not plan.is_restart:
        return f"new run of {harmless(job, 300)}"
    return f"restart of run {plan.run_id} (started {local_time(plan.started)}) with {harmless(job, 300)}"


def _summary(plan: RestartPlan) -> str:
    to_run = len(plan.named("rerun", "run", "new"))
    return f"{to_run} {'task' if to_run == 1 else 'tasks'} to run, {len(plan.named('keep'))} kept"
