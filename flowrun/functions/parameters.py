"""Parameters: the signature of a function as the fields of its task class."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import Field

from ..annotations import annotations_of
from ..result import Result


class Parameters(NamedTuple):
    """What a function takes, and how the fields of its task class are called."""

    types: dict[str, Any]
    """By the name of the field."""
    defaults: dict[str, Any]
    """Of those that have one."""
    arguments: tuple[tuple[str, str], ...]
    """Each parameter with its field."""
    task_arguments: tuple[str, ...]
    """Parameters that take the task itself."""
    others: Any
    """The type of further parameters (`**kwargs`); None if there are none."""


def parameters_of(function: Callable[..., Any], contract: type[Any]) -> Parameters:
    """What `function` takes. A parameter of the type `contract` takes the task itself.

    Raises TypeError for a `Result` that stands in the wrong place.
    """
    types = annotations_of(function)
    fields: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    arguments, task_arguments, others = [], [], None
    for index, (name, parameter) in enumerate(inspect.signature(function).parameters.items()):
        annotation = types.get(name, Any)
        if parameter.kind is parameter.VAR_KEYWORD:
            others = annotation
        elif _is_or_may_be(annotation, contract):
            task_arguments.append(name)
        else:
            field = name
            if name.startswith(("_", "model_")) or hasattr(contract, name):  # no name for a field of this class
                field, annotation = f"parameter_{index}", Annotated[annotation, Field(alias=name)]
            fields[field] = annotation
            _refuse_misplaced_result(name, annotation, parameter.default)
            if parameter.default is not parameter.empty:
                defaults[field] = parameter.default
            arguments.append((name, field))
    return Parameters(fields, defaults, tuple(arguments), tuple(task_arguments), others)


def _refuse_misplaced_result(name: str, annotation: Any, default: Any) -> None:
    if isinstance(default, Result):
        raise TypeError(f"write `{name}: Annotated[..., {default!r}]`; a `Result` is no default")
    if isinstance(annotation, Result):
        raise TypeError(f"write `{name}: Annotated[..., {annotation!r}]`; a `Result` is no type")
    if Result in getattr(annotation, "__metadata__", ()):
        raise TypeError(f"`{name}` has `Result` without a task: write `Result('load')`, with the name of the task")


def refuse_what_has_no_name(function: Callable[..., Any], *, is_method: bool) -> None:
    """Raise TypeError for a parameter that a job file cannot give."""
    parameters = list(inspect.signature(function).parameters.values())[is_method:]
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise TypeError(
                f"@task: `{function.__name__}` takes `*{parameter.name}`, but a job file gives values by name: "
                f"take a list instead, as in `{parameter.name}: list[str]`"
            )
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise TypeError(
                f"@task: `{function.__name__}` takes `{parameter.name}` by position only, but a job file gives values "
                "by name: remove the `/`"
            )


def _is_or_may_be(annotation: Any, contract: type[Any]) -> bool:
    return annotation is contract or (get_origin(annotation) in (Union, UnionType) and contract in get_args(annotation))
