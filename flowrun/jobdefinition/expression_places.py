"""Where expressions stand in a job definition, and where each is in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..dataclass import dataclass
from ..problem import Place
from .keypath import KeyPath
from .model import JobDefinition
from .origins import Origins
from .task_definition import TaskDefinition

_WITH_EXPRESSIONS = ("parameters", "env", "vars", "foreach", "matrix", "inputs", "outputs")
_OPEN = "${{"


@dataclass(frozen=True, slots=True)
class ExpressionPlace:
    """A text with expressions in it."""

    task: str
    """Full name of the task; empty for what belongs to the job."""
    path: KeyPath
    """From the task or the job: ("parameters", "rows")."""
    text: str

    @property
    def full(self) -> KeyPath:
        """From the top of the definition."""
        return ("tasks", self.task, *self.path) if self.task else self.path


def expression_places(tasks: Mapping[str, TaskDefinition], variables: Mapping[str, Any]) -> list[ExpressionPlace]:
    """Every text with `${{`, and every condition."""
    found: list[ExpressionPlace] = []
    if variables:
        found += _places("", "vars", variables)
    for name, task in tasks.items():
        given = task.model_fields_set
        for key in _WITH_EXPRESSIONS:
            if key in given:
                found += _places(name, key, getattr(task, key))
        if "cache" in given and not isinstance(task.cache, bool):
            found += _places(name, "cache", {"key": task.cache.key})
        if task.approve is not None:
            found += _places(name, "approve", {"question": task.approve.question})
        if isinstance(task.when, str):
            found.append(ExpressionPlace(name, ("when",), task.when))
    return found


def _places(task: str, key: str, value: Any) -> list[ExpressionPlace]:
    return [ExpressionPlace(task, path, text) for path, text in _texts(value, (key,))]


def is_variable(name: str, definition: JobDefinition) -> bool:
    """Whether `name` stands under `vars:` of the job, or an expression names `vars.NAME`."""
    if name in definition.vars:
        return True
    import re

    named = re.compile(rf"\bvars\b\W+{re.escape(name)}\b")
    return any(named.search(place.text) for place in expression_places(definition.tasks, definition.vars))


def paths_of_expressions(values: Mapping[str, Any]) -> list[KeyPath]:
    """Where in `values` there is text with `${{`."""
    return [path for path, _ in _texts(values, ())]


def _texts(value: Any, path: KeyPath) -> list[tuple[KeyPath, str]]:
    if isinstance(value, str):
        return [(path, value)] if _OPEN in value else []
    if isinstance(value, Mapping):
        inside: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list | tuple):
        inside = enumerate(value)
    else:
        return []
    found: list[tuple[KeyPath, str]] = []
    for key, inner in inside:
        if type(inner) is not str:
            found += _texts(inner, (*path, key))
        elif _OPEN in inner:
            found.append(((*path, key), inner))
    return found


def place_in_text(path: KeyPath, fragment: str, origins: Origins) -> Place:
    """Where `fragment` stands in the text at `path`; where that text begins, if it is written in another way."""
    place = origins.value(path)
    written = origins.shown(path)
    start = written.find(fragment)
    quotes = place.length - len(written)
    if start < 0 or not fragment or quotes not in (0, 2):
        return place
    return replace(place, column=place.column + start + quotes // 2, length=len(fragment))
