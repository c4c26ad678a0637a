"""flowrun plan: shows what `run` would do, and why."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from .options import job_options, request_of, selection_options
from .output import Output
from .problem_record import problem_record

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..engine.restart import RestartPlan
    from .critical_path import CriticalPath
    from .outline import Outline

SOMETHING_TO_DO = 10


@click.command("plan")
@job_options
@selection_options
@click.option("--critical", "is_critical", is_flag=True, help="Show which tasks decide how long the run takes.")
@click.option("--json", "is_json", is_flag=True, help="Write the plan as JSON.")
@click.option("--fail-if-changes", is_flag=True, help=f"End with status {SOMETHING_TO_DO} if any task would run.")
@click.pass_obj
def command(output: Output, /, is_critical: bool, is_json: bool, fail_if_changes: bool, **given: Any) -> int:
    """Show what `flowrun run` would do with the same options, task by task, and why. Nothing is started."""
    from ..app import open_job, plan_job
    from .outline import Outline
    from .plan_text import plan_text
    from .taken_up_text import continued

    request = continued(request_of(given), output)
    job = open_job(request.source)
    plan, flat = plan_job(replace(request, source=job)), job.loaded.flat
    critical = _critical_path(job, plan) if is_critical else None
    if is_json:
        record = _record(plan, Outline(flat, plan.unasked), job)
        output.result(json.dumps({**record, **({"critical": critical.record()} if critical else {})}, indent=2))
    else:
        _say_warnings(job, output)
        text = plan_text(plan, request.job_name, lambda text, _colour: text, flat=flat)
        output.result(f"{text}\n\n{critical.text()}" if critical else text)
    return SOMETHING_TO_DO if fail_if_changes and any(row.is_to_run for row in plan.rows) else 0


def _critical_path(job: OpenJob, plan: RestartPlan) -> CriticalPath:
    from ..assemble import usual_of
    from .critical_path import CriticalPath

    return CriticalPath(job, plan, usual_of(job))


def _say_warnings(job: OpenJob, output: Output) -> None:
    if job.checked.warnings:
        from .carets import problems_text

        output.say(problems_text(job.checked.warnings, output.paint, "warning"))


def _record(plan: RestartPlan, outline: Outline, job: OpenJob) -> dict[str, Any]:
    levels = job.graph.levels()
    side_by_side = Counter(levels[row.task] for row in plan.rows if row.is_to_run and row.task in levels)
    return {
        "version": 1,
        "run": plan.run_id if plan.is_restart else None,
        "restart": plan.is_restart,
        "started": plan.started,
        "width": max(side_by_side.values(), default=0),
        "warnings": [problem_record(problem) for problem in job.checked.warnings],
        "tasks": [{**outline.record(row), "level": levels.get(row.task)} for row in plan.rows],
    }
