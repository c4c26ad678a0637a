"""Validation: the merged sections as a definition; what cannot be used is reported and left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from flowrun.problem import Problem

from ..dataclass import dataclass
from .doubts import Doubts
from .limits import MAX_PROBLEMS
from .model import JobDefinition
from .origins import Origins

_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Validated:
    """A definition, what is wrong with it, and what is not known of it for that reason."""

    definition: JobDefinition | None
    problems: list[Problem]
    doubts: Doubts


def validate(value: dict[Any, Any], origins: Origins, doubts: Doubts) -> Validated:
    """The definition that `value` describes; what cannot be used is taken out of `value`.

    `doubts` come from reading: nothing more is said about what they cover.
    """
    definition, errors = _attempt(value)
    if definition and definition.tasks and not doubts.unusable:
        return Validated(definition, [], doubts)
    # A file without problems needs none of the words.
    from .explanation import Explanation, no_tasks
    from .usable import take_out

    problems = [no_tasks(origins)] if value.get("tasks") == {} and not doubts.may_hide(("tasks",)) else []
    explanation = Explanation(value, origins)
    # Some mistakes show only when others are out of the way: rules for a task as a whole come last.
    for _round in range(_MOST_ROUNDS):
        problems += explanation.of(errors[:MAX_PROBLEMS], doubts)
        found = {explanation.blamed(error) for error in errors}
        doubts = Doubts(doubts.unusable | found, doubts.unread | explanation.meant)
        take_out(value, doubts.unusable)
        definition, errors = _attempt(value)
        if not errors:
            break
    return Validated(definition, problems, doubts)


def _attempt(value: dict[Any, Any]) -> tuple[JobDefinition | None, list[Mapping[str, Any]]]:
    try:
        return JobDefinition.model_validate(value), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False, include_input=False))
