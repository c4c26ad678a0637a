"""The parameters of a task that is performed alone, with the results of others that they name filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..defaults import given_keys, markers_of
from ..errors import UsageError
from ..expressions.scope import Scope
from ..expressions.template import Template, has_expressions
from ..task import Task


@dataclass(frozen=True)
class _End:
    """What became of another task, as far as the test says."""

    result: Any
    state: str = "COMPLETED"


def given_parameters(
    variant: type[Task], parameters: Mapping[str, Any], results: Mapping[str, Any], env: Mapping[str, str]
) -> dict[str, Any]:
    """What a test gives, and below it what the decorator and the `Result` of parameters say."""
    markers = {key: marker.expression(_name_of(marker.task)) for key, marker in markers_of(variant).items()}
    whole = {**markers, **given_keys(variant).get("parameters", {}), **parameters}
    if not any(map(has_expressions, whole.values())):
        return whole
    for key, task in _needed(whole):
        if task not in results:
            raise UsageError(f"parameter {key!r} needs the result of task {task!r}: give it in `results`")
    scope = Scope({name: _End(result) for name, result in results.items()}, {}, env, env, {})
    return {key: Template(value).fill(scope) for key, value in whole.items()}


def _needed(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in parameters.items():
        for reference in Template(value).references:
            yield key, reference.task


def _name_of(task: Any) -> str:
    """A `Result` names a task by its name, its class or function, or what a job in Python gave for it."""
    if isinstance(task, str):
        return task
    return str(getattr(task, "full_name", "") or task.__name__)
