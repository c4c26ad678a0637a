"""Implied dependencies: a task that refers to another in an expression comes after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..errors import ExpressionError
from ..jobdefinition.expression_places import ExpressionPlace
from ..jobdefinition.flat import Flat
from ..jobdefinition.keypath import KeyPath
from .condition import condition_of
from .reference import Reference
from .text import text_of


def references_at(place: ExpressionPlace) -> tuple[Reference, ...]:
    """Everything that the expressions of a text name. Raises ExpressionError for one that cannot be read."""
    if place.path == ("when",):
        condition = condition_of(place.text)
        return (*condition.references, *condition.names)
    read = text_of(place.text)
    if read.whole is not None:
        return read.whole.references
    found = [one for part in read.parts if not isinstance(part, str) for one in part.references]
    return tuple(one.at((), is_whole=False) for one in found)


def with_implied(flat: Flat, places: Iterable[ExpressionPlace]) -> Flat:
    """The tasks with a dependency on each task that they refer to, in these places of theirs or of the job.

    Names that mean none are passed over.
    """
    implied: dict[str, dict[str, KeyPath]] = {}
    follows = dict(flat.follows)
    for place in places:
        for reference in _read(place) if place.task else ():
            full = flat.resolve(place.task, reference.task) if reference.root == "tasks" else None
            if full is None or full not in flat.tasks:
                continue
            if follows.get(place.task) == full:  # it is more than the order of a group
                del follows[place.task]
            elif full not in flat.tasks[place.task].depends_on:
                implied.setdefault(place.task, {}).setdefault(full, place.full)
    if not implied and len(follows) == len(flat.follows):
        return flat
    tasks = dict(flat.tasks)
    for task, needed in implied.items():
        tasks[task] = tasks[task].model_copy(update={"depends_on": (*tasks[task].depends_on, *needed)})
    return replace(flat, tasks=tasks, follows=follows, implied=implied)


def _read(place: ExpressionPlace) -> tuple[Reference, ...]:
    try:
        return references_at(place)
    except ExpressionError:
        return ()
