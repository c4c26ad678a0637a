"""Which secrets a job names, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import ExpressionError
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.task_definition import TaskDefinition

_WITH_EXPRESSIONS = ("parameters", "env", "vars", "foreach", "matrix")


class SecretUse(NamedTuple):
    """One place that names a secret."""

    name: str
    task: str
    """Full name of the task; empty for what belongs to the job."""
    path: KeyPath
    """Where, seen from the task or the job: `("secrets", 0)`."""
    may_lack: bool = False
    """The expression says what follows if there is no such secret."""


def secret_uses(tasks: Mapping[str, TaskDefinition], variables: Mapping[str, Any]) -> Iterator[SecretUse]:
    """Every place: `secrets:` of the tasks, and `${{ secrets.NAME }}` wherever expressions may stand.

    What cannot be read as an expression is passed over; the check of expressions finds it.
    """
    yield from _in_expressions("", ("vars",), variables)
    for task, definition in tasks.items():
        given = definition.model_fields_set
        if "secrets" in given:
            for index, name in enumerate(definition.secrets):
                yield SecretUse(name, task, ("secrets", index))
        for key in _WITH_EXPRESSIONS:
            if key in given:
                yield from _in_expressions(task, (key,), getattr(definition, key))
        if "cache" in given and not isinstance(definition.cache, bool):
            yield from _in_expressions(task, ("cache", "key"), definition.cache.key)
        if definition.approve is not None:
            yield from _in_expressions(task, ("approve", "question"), definition.approve.question)
        if isinstance(definition.when, str):
            yield from _in_condition(task, definition.when)


def _in_expressions(task: str, path: KeyPath, value: Any) -> Iterator[SecretUse]:
    if not _mentions_secrets(value):
        return
    from ..expressions import template_of

    try:
        template = template_of(value)
    except ExpressionError:
        return
    for found in template.names if template is not None else ():
        if found.root == "secrets" and found.steps:
            yield SecretUse(str(found.steps[0]), task, (*path, *found.path), found.may_lack)


def _in_condition(task: str, text: str) -> Iterator[SecretUse]:
    if "secrets" not in text:
        return
    from ..expressions import condition_of

    try:
        names = condition_of(text).names
    except ExpressionError:
        return
    for found in names:
        if found.root == "secrets" and found.steps:
            yield SecretUse(str(found.steps[0]), task, ("when",), found.may_lack)


def _mentions_secrets(value: Any) -> bool:
    if isinstance(value, str):
        return "secrets" in value
    if isinstance(value, dict):
        return any(map(_mentions_secrets, value.values()))
    return isinstance(value, list | tuple) and any(map(_mentions_secrets, value))
