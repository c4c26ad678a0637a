"""A run alone: with its cause, and what a person can do with it."""

from __future__ import annotations

from typing import Any

from ..given_variables import variables_in
from ..history.rows import RunRow
from ..history.stopping import is_here
from .excerpts import excerpt
from .log_page import page_before
from .run_form import (
    Cause,
    RunBody,
    can_continue,
    cause_of,
    continue_command,
    run_summary,
    variables_of,
    verdict,
)
from .site import Site
from .task_rows import course_of

_LAST_LINES = 20
_MOST_TASKS = 20_000
"""Of larger runs the critical path is not looked for."""


def run_alone(run: RunRow, site: Site) -> RunBody:
    """The whole answer for one run."""
    history = site.history
    summary: dict[str, Any] = dict(run_summary(run))
    good = history.last_good_before(run)
    given = dict(variables_in(history.starts(run.id)[-1].arguments))
    may_change = not site.settings.is_read_only
    more: dict[str, Any] = {
        "cause": _cause(run, site),
        "file": run.file,
        "pid": run.pid,
        "version": run.version,
        "ending": run.ending,
        "log_bytes": site.logs.size(run.id),
        "verdict": verdict(run),
        "can_restart": may_change and can_continue(run),
        "can_stop": may_change and is_here(run),
        "continue_command": continue_command(run, given.items()),
        "last_good": good.id if good else None,
        "critical_path": _critical(run, site),
        "vars": {**variables_of(history.graph(run.id)), **given},
        "notices": [*run.notices, *history.notices],
    }
    body: RunBody = {**summary, **more}  # type: ignore[typeddict-item]  # both together are all of it
    return body


def _cause(run: RunRow, site: Site) -> Cause | None:
    if not run.root_cause:
        return cause_of(run, None, 0, [], [], site.settings.root) if run.message else None
    attempts = site.history.attempts(run.id, run.root_cause)
    last = next((one for one in reversed(attempts) if one.state != "COMPLETED"), None)
    pieces = site.logs.pieces(run.id, run.root_cause)
    lines = [line["text"] for line in page_before(pieces, pieces.size, _LAST_LINES, None)["lines"]]
    task = next(iter(site.history.tasks(run.id, [run.root_cause])), None)
    around = excerpt(site.settings.root, last.file, last.line) if last else []
    return cause_of(run, last, task.max_attempts if task else 0, around, lines, site.settings.root)


def _critical(run: RunRow, site: Site) -> list[str]:
    if not run.is_over or sum(run.counts.values()) > _MOST_TASKS:
        return []
    return list(site.courses.of(run, lambda: course_of(site.history, run)).critical)
