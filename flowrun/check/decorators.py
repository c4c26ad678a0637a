"""Decorators: what `@task(...)` says of the tasks of a job, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import ValidationError

from ..defaults import given_keys, keys_of, with_defaults
from ..discovery import Discovery
from ..jobdefinition import Loaded
from ..jobdefinition.doubts import Doubts
from ..jobdefinition.explanation import Explanation
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.origins import Origins
from ..problem import Place, Problem
from ..registry import Origin
from ..task import Task, tasks


def take_defaults(loaded: Loaded, classes: Mapping[str, type[Task]], discovery: Discovery) -> Loaded:
    """What was loaded, with the defaults that decorators give; of each, the line of the decorator is its place."""
    if loaded.definition is None:
        return loaded
    flat = with_defaults(loaded.flat, classes)
    origins = _Origins(discovery)
    places: dict[KeyPath, Place] = {}
    for name, task in flat.tasks.items():
        own = loaded.flat.tasks[name]
        if task is own:
            continue
        place = origins.of(classes[name])
        for key in task.model_fields_set:
            path = ("tasks", name, type(task).model_fields[key].alias or key)
            if key in ("parameters", "env"):
                for inner in getattr(task, key).keys() - getattr(own, key).keys():
                    places[*path, inner] = place
            elif getattr(task, key) != getattr(own, key):
                places[path] = place
    return replace(
        loaded,
        definition=loaded.definition.model_copy(update={"tasks": flat.tasks}),
        flat=flat,
        origins=loaded.origins.with_places(places),
    )


def decorator_problems(classes: Mapping[str, type[Task]], discovery: Discovery) -> Iterator[Problem]:
    """What a job file could not say either. Each decorator is spoken of once, however many tasks use it."""
    origins = _Origins(discovery)
    for cls in dict.fromkeys(classes.values()):
        try:
            keys_of(cls)
        except ValidationError as error:
            yield from _explained(cls, error, origins.of(cls))


def _explained(cls: type[Task], error: ValidationError, place: Place) -> Iterator[Problem]:
    origins = Origins().with_places({("tasks",): place})
    value = {"tasks": {cls.__name__: {**given_keys(cls)}}}
    errors = [
        {**one, "loc": ("tasks", cls.__name__, *one["loc"])}
        for one in error.errors(include_url=False, include_input=False)
    ]
    for problem in Explanation(value, origins).of(errors, Doubts()):
        yield replace(problem, message=f"@task: {problem.message}", path="")


class _Origins:
    """The places of decorators."""

    def __init__(self, discovery: Discovery) -> None:
        self._shown = discovery.shown
        self._found: dict[type[Task], Origin] = {
            entry.target: entry.origin for entry in tasks if isinstance(entry.target, type)
        }

    def of(self, cls: type[Task]) -> Place:
        """The line above a class or function."""
        function = vars(cls).get("__function__")
        origin = function.source if function is not None else self._found.get(cls)
        return Place(self._shown(origin.file), origin.line) if origin is not None else Place(cls.__module__)
