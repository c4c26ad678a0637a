"""Mismatch: whether what one task returns can be what a parameter of another takes."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

from typing_extensions import is_typeddict

from .plain_types import (
    UNIONS,
    UNKNOWN,
    alias_target,
    class_of,
    fields_of,
    is_record,
    members_of,
    plain_type,
    shown_type,
)

_SCALARS = (str, bytes, bool, int, float, Decimal, date, datetime, time, timedelta, PurePath, UUID, NoneType, Enum)
_NO_NUMBERS = (NoneType, date, time, timedelta, PurePath, UUID)
_LISTS = (list, tuple, set, frozenset, deque)


def mismatch(given: Any, wanted: Any) -> str:
    """Why no value of the type `given` can be one of the type `wanted`; empty if one can, or if nobody knows.

    As Pydantic would accept it; only that a text may happen to look like a number is not relied upon,
    nor that a list may happen to be empty. What code of the user's may accept is not known.
    """
    if _has_code_in_front(wanted):
        return ""
    wanting = members_of(wanted)
    try:
        reasons = [_reason(one, wanting) for one in members_of(given)]
    except TypeError:  # protocols and the like do not say what is one of them
        return ""
    return reasons[0] if all(reasons) else ""


def _reason(given: Any, wanting: tuple[Any, ...]) -> str:
    reasons = []
    for wanted in wanting:
        if not (reason := _of_members(given, wanted)):
            return ""
        reasons.append(reason)
    if len(reasons) == 1:
        return reasons[0]
    return f"{shown_type(given)} is none of {', '.join(map(shown_type, wanting))}"


def _of_members(given: Any, wanted: Any) -> str:
    """The same for two types that are no unions."""
    if given is UNKNOWN or wanted is UNKNOWN or given == wanted:
        return ""
    if class_of(given) is Literal:
        return _of_literal(given, wanted)
    giving, wanting = class_of(given), class_of(wanted)
    if not isinstance(giving, type):
        return ""
    giving = dict if is_typeddict(giving) else giving
    if wanting is Literal:
        return "" if _may_be_among(giving, get_args(wanted)) else _no(given, wanted)
    if not isinstance(wanting, type) or _has_code(wanting):
        return ""
    if is_typeddict(wanting):
        return "" if issubclass(giving, Mapping) or _is_open(giving) else _no(given, wanted)
    if issubclass(giving, wanting) or issubclass(wanting, giving):
        return _of_arguments(given, wanted)
    return _of_classes(given, wanted, giving, wanting)


def _of_classes(given: Any, wanted: Any, giving: type, wanting: type) -> str:
    if wanting is str:
        return "" if issubclass(giving, bytes | bytearray | Enum) or _is_open(giving) else _no(given, wanted)
    if issubclass(wanting, bool | int | float) and not issubclass(wanting, Enum):
        return _no(given, wanted) if _is_no_number(giving) else ""
    if wanting is NoneType:
        return _no(given, wanted) if _is_known(giving) else ""
    if is_record(wanting) or hasattr(wanting, "model_fields"):
        return _of_record(given, wanted, giving, wanting)
    if issubclass(wanting, Mapping):
        return _no(given, wanted) if _is_plain(giving) or _is_list(giving) or _is_object(giving) else ""
    if wanting in (*_LISTS, Sequence, Iterable, Collection, Set):
        return _of_list(given, wanted, giving, wanting)
    if issubclass(wanting, _SCALARS):
        return _no(given, wanted) if giving is NoneType or _is_list(giving) or _is_structure(giving) else ""
    return _no(given, wanted) if _is_users(wanting) and _is_known(giving) else ""


def _is_no_number(cls: type) -> bool:
    is_text = issubclass(cls, str) and not issubclass(cls, Enum)
    return is_text or issubclass(cls, _NO_NUMBERS) or _is_list(cls) or _is_structure(cls)


def _of_record(given: Any, wanted: Any, giving: type, wanting: type) -> str:
    """Models and their like are made of mappings, or are of the class itself."""
    if issubclass(giving, Mapping) or _is_open(giving):
        return ""
    is_of_tuple = issubclass(wanting, tuple) and _is_list(giving)
    takes_attributes = getattr(wanting, "model_config", {}).get("from_attributes", False)
    if is_of_tuple or takes_attributes or _origin_of(giving) is _origin_of(wanting):
        return ""
    return _no(given, wanted)


def _origin_of(cls: type) -> type:
    """The model itself for one with its variables filled in."""
    return getattr(cls, "__pydantic_generic_metadata__", {}).get("origin") or cls


def _of_list(given: Any, wanted: Any, giving: type, wanting: type) -> str:
    if _is_list(giving):
        has_no_order = issubclass(giving, Set) and wanting is Sequence
        return _no(given, wanted) if has_no_order else _of_arguments(given, wanted)
    if _is_plain(giving):
        is_text = issubclass(giving, str | bytes)
        return "" if is_text and wanting not in _LISTS else _no(given, wanted)
    if wanting in (Iterable, Collection) or _is_open(giving):
        return ""
    # A model counts as the list of its fields, each with its name.
    items = get_args(wanted)
    is_model = hasattr(giving, "model_fields") and wanting is not Sequence and not mismatch(tuple, *items[:1] or [Any])
    return "" if is_model else _no(given, wanted)


def _of_arguments(given: Any, wanted: Any) -> str:
    """What stands in brackets: of the items of a list, of the keys and values of a mapping."""
    giving, wanting = class_of(given), class_of(wanted)
    if not issubclass(giving, Mapping):
        pairs = _items(given, wanted)
    elif issubclass(wanting, Mapping):
        pairs = list(zip(get_args(given), get_args(wanted), strict=False))
    else:
        pairs = []
    for one, other in pairs:
        if reason := mismatch(one, other):
            return f"{shown_type(given)} is no {shown_type(wanted)}: {reason}"
    return ""


def _items(given: Any, wanted: Any) -> list[tuple[Any, Any]]:
    """The types of the items that meet each other."""
    one, other = _item_types(given), _item_types(wanted)
    if not one or not other or class_of(wanted) is Iterable:
        return []  # the items of an iterable are looked at one by one, when the task takes them
    if _is_fixed(given) and _is_fixed(wanted):
        return list(zip(one, other, strict=True)) if len(one) == len(other) else []
    return [(first, second) for first in one for second in other if len(one) == 1 or len(other) == 1]


def _item_types(annotation: Any) -> list[Any]:
    cls = class_of(annotation)
    if hasattr(cls, "_fields"):
        return list((fields_of(annotation) or {}).values())
    return [one for one in get_args(annotation) if one is not Ellipsis]


def _is_fixed(annotation: Any) -> bool:
    return class_of(annotation) is tuple and Ellipsis not in get_args(annotation)


def _of_literal(given: Any, wanted: Any) -> str:
    values = get_args(given)
    if class_of(wanted) is Literal:
        return "" if any(value in get_args(wanted) for value in values) else _no(given, wanted)
    reasons = [_of_members(type(value), wanted) for value in values]
    return _no(given, wanted) if all(reasons) else ""


def _may_be_among(cls: type, values: tuple[Any, ...]) -> bool:
    """Whether an object of the class may be one of `values`."""
    if issubclass(cls, Enum) or _is_open(cls):
        return True
    if issubclass(cls, int | float | Decimal):
        return any(isinstance(value, int | float | Enum) for value in values)
    return any(isinstance(value, cls | Enum) for value in values)


def _is_plain(cls: type) -> bool:
    return issubclass(cls, _SCALARS)


def _is_list(cls: type) -> bool:
    return issubclass(cls, _LISTS) or cls in (Sequence, Set)


def _is_object(cls: type) -> bool:
    """A model or a dataclass: something that is no mapping, though it has fields."""
    return hasattr(cls, "model_fields") or (is_record(cls) and not issubclass(cls, tuple))


def _is_structure(cls: type) -> bool:
    return issubclass(cls, Mapping) or _is_object(cls)


def _is_known(cls: type) -> bool:
    return _is_plain(cls) or _is_list(cls) or _is_structure(cls)


def _is_open(cls: type) -> bool:
    """A class of which it is not known what its objects are taken for."""
    return not _is_known(cls)


def _is_users(cls: type) -> bool:
    """A class of which Pydantic knows no more than whether an object is of it."""
    return cls.__module__.partition(".")[0] not in (*sys.stdlib_module_names, "pydantic", "pydantic_core")


def _has_code(cls: type) -> bool:
    """A class that says itself what it is made of, or a model with validators that stand in front of its own."""
    if (decorators := getattr(cls, "__pydantic_decorators__", None)) is not None:
        return any(one.info.mode != "after" for one in decorators.model_validators.values())
    return hasattr(cls, "__get_pydantic_core_schema__") or hasattr(cls, "__get_validators__")


def _has_code_in_front(annotation: Any) -> bool:
    """Whether an annotation comes with validators that may make a fitting value of anything."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return any(map(is_code, arguments[1:])) or _has_code_in_front(arguments[0])
    if origin in UNIONS:
        return any(map(_has_code_in_front, arguments))
    behind = alias_target(annotation)
    return behind is not None and _has_code_in_front(behind)


def is_code(metadata: Any) -> bool:
    """Whether what stands beside a type in `Annotated` may make a fitting value of anything."""
    if getattr(metadata, "coerce_numbers_to_str", None):
        return True
    return hasattr(metadata, "__get_pydantic_core_schema__") and type(metadata).__name__ != "AfterValidator"


def _no(given: Any, wanted: Any) -> str:
    return f"{shown_type(given)} is no {shown_type(plain_type(wanted))}"
