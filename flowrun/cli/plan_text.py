"""The plan of a run as a person reads it before it starts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from ..engine.restart import PlanRow, RestartPlan
from ..jobdefinition.flat import Flat
from .local_time import local_time
from .outline import Outline
from .paint import Paint
from .printable import hanging, harmless, listed

_MOST_LINES = 40
_COLOURS = {
    **dict.fromkeys(("rerun", "find", "run"), "yellow"),
    "new": "green",
    "gone": "red",
    "skip": "dim",
    "lost": "red",
}
_QUIET = ("keep", "skip", "gone")
"""A group of which all has one of these for the same reason stands for its members."""


class _Line(NamedTuple):
    """A task as it is shown. Neighbours that differ in nothing but their name share a line."""

    name: str
    verb: str
    group: str
    depth: int
    remark: str

    @property
    def shared(self) -> tuple[str, ...]:
        """What is the same of all tasks on one line; a heading shares it with nobody."""
        return (self.verb, self.group, self.remark) if self.verb else (self.name,)


def plan_text(plan: RestartPlan, job: str, paint: Paint, width: int = 0, flat: Flat | None = None) -> str:
    """Headline, then one line per task; neighbours with the same verb and reason share a line.

    `width` is that of the terminal; 0: lines may have any length. `flat` has the tasks of the job.
    """
    outline = Outline(flat or Flat({}), plan.unasked)
    text = [*hanging("", _headline(plan, job), width), ""]
    lines = [list(those) for _, those in groupby(_lines(plan, outline), lambda line: line.shared)]
    for those in lines[:_MOST_LINES]:
        text += _shown(those, paint, width)
    if len(lines) > _MOST_LINES:
        text.append(f"  … and {len(lines) - _MOST_LINES} more lines")
    return "\n".join([*text, "", _summary(plan, outline)])


def _shown(those: list[_Line], paint: Paint, width: int) -> list[str]:
    verb, depth, remark = those[0].verb, those[0].depth, those[0].remark
    names = listed([line.name for line in those])
    first, *more = hanging(f"  {verb:<6}  {'  ' * depth}", f"{names}   {remark}" if remark else names, width)
    mark = paint(f"{verb:<6}", _COLOURS[verb]) if verb in _COLOURS else f"{verb:<6}"
    return [first.replace(f"{verb:<6}", mark, 1), *more]


def _lines(plan: RestartPlan, outline: Outline) -> Iterator[_Line]:
    """In file order, but what is kept without a remark stands together at the top, under its full name."""
    alike = _alike(plan, outline)
    rows = [row for row in plan.rows if not any(group in alike for group in outline.flat.groups_around(row.task))]
    quiet = [row for row in rows if row.verb == "keep" and not row.why and not _is_heading(row, outline, alike)]
    yield from (_Line(row.task, "keep", "", 0, "") for row in quiet)
    seen = {row.task for row in quiet}
    needed = outline.flat.groups_around
    headings = {group for row in rows if row.task not in seen for group in needed(row.task)}
    for row in rows:
        if _is_heading(row, outline, alike):
            if row.task in headings or not outline.flat.members[row.task]:
                yield _line(row, outline, "", outline.remark(row.task))
        elif row.task not in seen:
            remark = "; ".join(filter(None, (harmless(row.why, 300), _beside(row, outline))))
            yield _line(row, outline, row.verb, remark)


def _line(row: PlanRow, outline: Outline, verb: str, remark: str) -> _Line:
    group = outline.flat.parents.get(row.task, "")
    return _Line(outline.title(row.task), verb, group, outline.depth(row.task), remark)


def _beside(row: PlanRow, outline: Outline) -> str:
    return outline.remark(row.task, row.items_kept) if row.is_to_run else ""


def _is_heading(row: PlanRow, outline: Outline, alike: set[str]) -> bool:
    return outline.is_group(row.task) and row.task not in alike


def _alike(plan: RestartPlan, outline: Outline) -> set[str]:
    """Groups that stand for their members."""
    rows = {row.task: (row.verb, row.why) for row in plan.rows}
    alike: set[str] = set()
    for name in reversed(list(outline.flat.members)):  # inner groups before outer ones
        members = outline.flat.members[name]
        if rows[name][0] in _QUIET and all(rows[one] == rows[name] for one in members):
            alike.update((name,) if all(one in alike or not outline.is_group(one) for one in members) else ())
    return alike


def _headline(plan: RestartPlan, job: str) -> str:
    if not plan.is_restart:
        return f"new run of {harmless(job, 300)}"
    return f"restart of run {plan.run_id} (started {local_time(plan.started)}) with {harmless(job, 300)}"


def _summary(plan: RestartPlan, outline: Outline) -> str:
    tasks = [row for row in plan.rows if not outline.is_group(row.task)]
    to_run = sum(row.is_to_run for row in tasks)
    kept = sum(row.verb == "keep" for row in tasks)
    return f"{to_run} {'task' if to_run == 1 else 'tasks'} to run, {kept} kept"
