"""Defaults: what `@task(...)` and `Result` say about a task where its job file says nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from .jobdefinition.flat import Flat
from .jobdefinition.task_definition import TaskDefinition
from .task import Task, tasks

_FANS = {"foreach", "matrix"}
"""A job file that gives one of them stands above both."""


def with_defaults(flat: Flat, classes: Mapping[str, type[Task]]) -> Flat:
    """The tasks with the defaults that the decorators of their classes and functions give.

    Nothing is taken from a decorator of which `keys_of` refuses a key.
    """
    having = {cls for cls in set(classes.values()) if has_defaults(cls)}
    if not having:
        return flat
    names = _Names(classes)
    made, follows = dict(flat.tasks), dict(flat.follows)
    for name, cls in classes.items():
        if cls in having:
            made[name] = _with_keys(flat, name, cls, names, follows)
    return replace(flat, tasks=made, follows=follows)


def has_defaults(cls: type[Task]) -> bool:
    """Its decorator or its parameters have something to say."""
    return bool(given_keys(cls) or markers_of(cls))


def given_keys(cls: type[BaseModel]) -> Mapping[str, Any]:
    """The keywords of its `@task(...)`, as they are written. A class that extends it does not have them."""
    if (function := vars(cls).get("__function__")) is not None:
        keys: Mapping[str, Any] = function.keys
    else:
        keys = vars(cls).get("__task_keys__", {})
    return keys


@cache
def keys_of(cls: type[Task]) -> TaskDefinition:
    """The same as a definition. Raises ValidationError if they are not such as a job file may have."""
    return TaskDefinition.model_validate({"task": cls.__name__, **given_keys(cls)})


def filled_parameters(cls: type[BaseModel]) -> frozenset[str]:
    """The parameters that a job file need not give, because the decorator or a `Result` does."""
    return frozenset({*markers_of(cls), *given_keys(cls).get("parameters", ())})


def markers_of(cls: type[BaseModel]) -> dict[str, Any]:
    """The `Result` of each parameter that has one, by the name that a job file uses for it."""
    module = sys.modules.get(f"{__package__}.result")
    if module is None:  # then nobody has made one
        return {}
    return {
        field.alias or name: marker
        for name, field in cls.model_fields.items()
        for marker in field.metadata
        if isinstance(marker, module.Result)
    }


def _with_keys(flat: Flat, name: str, cls: type[Task], names: _Names, follows: dict[str, str]) -> TaskDefinition:
    own, defaults = flat.tasks[name], _usable_keys(cls)
    given = own.model_fields_set - ({"depends_on"} if own.depends_on == (flat.follows.get(name),) else set())
    if given & _FANS:
        given |= _FANS
    new = {key: getattr(defaults, key) for key in defaults.model_fields_set - given - {"variant"}}
    if "depends_on" in new:
        new["depends_on"] = tuple(_dependencies(flat, name, defaults.depends_on, follows))
    results = {key: marker.expression(names.of(marker.task)) for key, marker in markers_of(cls).items()}
    if results or defaults.parameters:
        new["parameters"] = {**results, **defaults.parameters, **own.parameters}
    if defaults.env:
        new["env"] = {**defaults.env, **own.env}
    return own.model_copy(update=new) if new else own


def _usable_keys(cls: type[Task]) -> TaskDefinition:
    try:
        return keys_of(cls)
    except ValidationError:
        return TaskDefinition(variant=cls.__name__)


def _dependencies(flat: Flat, name: str, needed: tuple[str, ...], follows: dict[str, str]) -> Iterator[str]:
    """Full names, and at the end the one before it in a serial group."""
    full = [flat.resolve(name, one) or one for one in needed]
    yield from full
    if (before := flat.follows.get(name)) is not None:
        if before in full:
            del follows[name]
        else:
            yield before


class _Names:
    """The task of the job that performs a class or function, for a `Result` that names it so."""

    def __init__(self, classes: Mapping[str, type[Task]]) -> None:
        self._classes = classes

    def of(self, task: Any) -> str:
        """Its name in the job; if several perform it or none, the name that it is registered under."""
        if isinstance(task, str):
            return task
        if isinstance(full_name := getattr(task, "full_name", None), str):
            return full_name
        performing = [name for name, cls in self._classes.items() if _is(vars(cls).get("__function__", cls), task)]
        if len(performing) == 1:
            return performing[0]
        registered = next((entry for entry in tasks if _is(entry.target, task)), None)
        if registered is None:
            return str(getattr(task, "__name__", task))
        performing = [name for name, cls in self._classes.items() if cls is registered.made()]
        return performing[0] if len(performing) == 1 else registered.name


def _is(target: Any, task: Any) -> bool:
    return target is task if isinstance(target, type) else target.target is getattr(task, "__func__", task)
