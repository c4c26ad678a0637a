"""Annotations: the types that people write, brought to a form that can be looked into."""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, ForwardRef, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import typing_extensions


class _Unknown:
    """The type of what no annotation tells, or none that can be read."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = _Unknown()

UNIONS = (Union, UnionType)
_ALIASES = tuple({typing_extensions.TypeAliasType, getattr(typing, "TypeAliasType", typing_extensions.TypeAliasType)})
_WRAPPERS = (typing.Required, typing.NotRequired, typing.Final, typing.ClassVar, typing_extensions.ReadOnly)


def plain_type(annotation: Any) -> Any:
    """The annotation without `Annotated`, aliases and new names; `UNKNOWN` for what says nothing."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return UNKNOWN if annotation is object else annotation
    if annotation is None:
        return NoneType
    if annotation is Any or isinstance(annotation, str | ForwardRef | _Unknown):
        return UNKNOWN
    if isinstance(annotation, TypeVar):
        return plain_type(annotation.__bound__) if annotation.__bound__ is not None else UNKNOWN
    if (behind := alias_target(annotation)) is not None:
        return plain_type(behind)
    origin = get_origin(annotation)
    return plain_type(get_args(annotation)[0]) if origin is Annotated or origin in _WRAPPERS else annotation


def alias_target(annotation: Any) -> Any:
    """What a new name or an alias stands for; None if the annotation is neither."""
    if isinstance(annotation, _ALIASES):
        return annotation.__value__
    origin = get_origin(annotation)
    if isinstance(origin, _ALIASES):
        return origin.__value__[get_args(annotation)]
    return getattr(annotation, "__supertype__", None)


def members_of(annotation: Any) -> tuple[Any, ...]:
    """The types that a value may be of: those of a union, or the one."""
    plain = plain_type(annotation)
    if get_origin(plain) in UNIONS:
        return tuple(inner for member in get_args(plain) for inner in members_of(member))
    return (plain,)


def class_of(annotation: Any) -> Any:
    """The class that stands in a plain annotation, without its arguments."""
    origin = get_origin(annotation)
    return annotation if origin is None else origin


def fields_of(annotation: Any) -> Mapping[str, Any] | None:
    """The fields of a class of records with their types: a model, dataclass, TypedDict or NamedTuple; else None."""
    cls = class_of(annotation)
    if not isinstance(cls, type):
        return None
    if isinstance(models := getattr(cls, "model_fields", None), dict) and hasattr(cls, "model_computed_fields"):
        computed = {name: field.return_type for name, field in cls.model_computed_fields.items()}
        return {**{name: field.annotation for name, field in models.items()}, **computed}
    if not is_record(cls):
        return None
    hints = hints_of(cls)
    names = [field.name for field in fields(cls)] if is_dataclass(cls) else getattr(cls, "_fields", hints)
    arguments = dict(zip(getattr(cls, "__parameters__", ()), get_args(annotation), strict=False))
    return {name: _with_arguments(hints.get(name, UNKNOWN), arguments) for name in names}


def is_record(cls: type) -> bool:
    """A dataclass, a TypedDict or a NamedTuple."""
    is_named_tuple = issubclass(cls, tuple) and hasattr(cls, "_fields")
    return is_dataclass(cls) or is_named_tuple or typing_extensions.is_typeddict(cls)


@lru_cache(maxsize=1024)
def hints_of(owner: Any) -> Mapping[str, Any]:
    """The annotations of a class or a function; empty where one of them cannot be read."""
    try:
        return get_type_hints(owner, include_extras=True)
    except Exception:  # a name in it may be imported for types only
        return _hints_one_by_one(owner)


def _hints_one_by_one(owner: Any) -> dict[str, Any]:
    known = vars(sys.modules[owner.__module__]) if getattr(owner, "__module__", None) in sys.modules else {}
    hints = {}
    for one in reversed(getattr(owner, "__mro__", (owner,))):
        for name, annotation in getattr(one, "__annotations__", {}).items():
            hints[name] = _evaluated(annotation, known)
    return hints


def _evaluated(annotation: Any, known: Mapping[str, Any]) -> Any:
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(known))  # as Python itself reads annotations
    except Exception:  # what an annotation names may not be there
        return UNKNOWN


def _with_arguments(hint: Any, arguments: Mapping[Any, Any]) -> Any:
    """`hint` with the variables of a generic class replaced by what they are."""
    if not arguments:
        return hint
    if isinstance(hint, TypeVar):
        return arguments.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if not parameters or isinstance(hint, type):
        return hint
    return hint[tuple(arguments.get(one, one) for one in parameters)]


def shown_type(annotation: Any) -> str:
    """A type as a person would write it."""
    if annotation is NoneType:
        return "None"
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation.__name__
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in UNIONS:
        return " | ".join(map(shown_type, arguments))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if isinstance(origin, type) and arguments:
        return f"{origin.__name__}[{', '.join(_shown_arguments(arguments))}]"
    return str(getattr(annotation, "__name__", annotation)).replace("typing.", "")


def _shown_arguments(arguments: tuple[Any, ...]) -> Iterator[str]:
    for one in arguments:
        yield "..." if one is Ellipsis else shown_type(one)
