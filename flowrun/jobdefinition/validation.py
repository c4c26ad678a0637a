"""Validation: the merged sections as a definition; what cannot be used is reported and left out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from flowrun.problem import Problem

from .keypath import KeyPath
from .limits import MAX_PROBLEMS
from .model import JobDefinition
from .origins import Origins


@dataclass(frozen=True, slots=True)
class Validated:
    """A definition without the tasks that are `left_out`, and what is wrong with those and the rest."""

    definition: JobDefinition | None
    problems: list[Problem]
    left_out: frozenset[str]


def validate(value: dict[Any, Any], origins: Origins, bad_paths: Collection[KeyPath]) -> Validated:
    """The definition that `value` describes; what cannot be used is taken out of `value`.

    `bad_paths` have been reported before: nothing more is said about them and what is below them.
    """
    definition, errors = _attempt(value)
    if definition and definition.tasks and not bad_paths:
        return Validated(definition, [], frozenset())
    # A file without problems needs none of the words.
    from .explanation import Explanation, no_tasks

    problems = [no_tasks(origins)] if value.get("tasks") == {} else []
    explanation = Explanation(value, origins)
    explained = explanation.of(errors[:MAX_PROBLEMS])
    problems += [problem for path, problem in explained if not _is_below(path, bad_paths)]
    unusable = {*bad_paths, *(explanation.path(error["loc"]) for error in errors)}
    _take_out(value, unusable)
    definition, _ = _attempt(value)
    return Validated(definition, problems, frozenset(_tasks_in(unusable)))


def _attempt(value: dict[Any, Any]) -> tuple[JobDefinition | None, list[Mapping[str, Any]]]:
    try:
        return JobDefinition.model_validate(value), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False, include_input=False))


def _is_below(path: KeyPath, others: Collection[KeyPath]) -> bool:
    return any(path[:length] in others for length in range(1, len(path) + 1))


def _tasks_in(paths: Iterable[KeyPath]) -> set[str]:
    return {path[1] for path in paths if path[:1] == ("tasks",) and len(path) > 1 and isinstance(path[1], str)}


def _take_out(value: dict[Any, Any], paths: Iterable[KeyPath]) -> None:
    """Take out what each path leads to: the whole task or named part, or the key of a section."""
    for path in paths:
        section = value.get(path[0]) if path else None
        if len(path) > 1 and path[0] != "checkpointer" and isinstance(section, dict):
            section.pop(path[1], None)
        elif path:
            value.pop(path[0], None)
    value.setdefault("tasks", {})
