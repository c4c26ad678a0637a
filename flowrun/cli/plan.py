"""flowrun plan: shows what `run` would do, and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from .options import job_options, request_of, selection_options
from .output import Output

if TYPE_CHECKING:
    from ..engine.restart import RestartPlan

SOMETHING_TO_DO = 10


@click.command("plan")
@job_options
@selection_options
@click.option("--json", "is_json", is_flag=True, help="Write the plan as JSON.")
@click.option("--fail-if-changes", is_flag=True, help=f"End with status {SOMETHING_TO_DO} if any task would run.")
@click.pass_obj
def command(output: Output, /, is_json: bool, fail_if_changes: bool, **given: Any) -> int:
    """Show what `flowrun run` would do with the same options, task by task, and why. Nothing is started."""
    from ..app import plan_job
    from .plan_text import plan_text

    request = request_of(given)
    plan = plan_job(request)
    output.result(_json(plan) if is_json else plan_text(plan, request.job_name, lambda text, _colour: text))
    return SOMETHING_TO_DO if fail_if_changes and plan.named("rerun", "run", "new") else 0


def _json(plan: RestartPlan) -> str:
    return json.dumps(
        {
            "version": 1,
            "run": plan.run_id if plan.is_restart else None,
            "restart": plan.is_restart,
            "started": plan.started,
            "tasks": [asdict(row) for row in plan.rows],
        },
        indent=2,
    )
