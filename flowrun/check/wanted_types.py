"""Wanted types: what the parameters of a class take, at any depth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args

from pydantic import BaseModel

from ..expressions.mismatch import is_code
from ..expressions.plain_types import UNKNOWN, class_of, fields_of, is_record, members_of
from ..jobdefinition.keypath import KeyPath
from .declarations import field_named


def wanted_type(cls: type[BaseModel], keys: KeyPath) -> Any:
    """The type of what stands at `keys` in the parameters of `cls`; UNKNOWN where code of the user's decides."""
    wanted: Any = cls
    for key in keys:
        members = [member for member in members_of(wanted) if member is not type(None)]
        wanted = _below(members[0], key) if len(members) == 1 else UNKNOWN
    return wanted


def _below(annotation: Any, key: Any) -> Any:
    cls = class_of(annotation)
    if not isinstance(cls, type):
        return UNKNOWN
    if issubclass(cls, BaseModel):
        return _of_field(cls, key)
    if is_record(cls):
        return (fields_of(annotation) or {}).get(key, UNKNOWN)
    arguments = get_args(annotation)
    if issubclass(cls, Mapping):
        return arguments[1] if len(arguments) == 2 else UNKNOWN
    if issubclass(cls, tuple) and Ellipsis not in arguments:
        return arguments[key] if isinstance(key, int) and key < len(arguments) else UNKNOWN
    return arguments[0] if issubclass(cls, Iterable) and arguments else UNKNOWN


def _of_field(model: type[BaseModel], key: Any) -> Any:
    name = field_named(model, key) if isinstance(key, str) else None
    if name is None or _has_validators(model, name):
        return UNKNOWN
    field = model.model_fields[name]
    wanted: Any = field.annotation
    return Annotated[(wanted, *field.metadata)] if any(map(is_code, field.metadata)) else wanted


def _has_validators(model: type[BaseModel], name: str) -> bool:
    """Whether code of the model sees what is given for the field before Pydantic does."""
    decorators = model.__pydantic_decorators__
    before = [one for one in decorators.field_validators.values() if one.info.mode != "after"]
    return (
        bool(model.model_config.get("coerce_numbers_to_str"))
        or any(one.info.mode != "after" for one in decorators.model_validators.values())
        or any(name in one.info.fields or "*" in one.info.fields for one in before)
    )
