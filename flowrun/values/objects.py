"""Enum members, models, dataclasses and named tuples: kept by the name of their class, and given back as themselves.

As with pickle, no `__init__` and no validation runs: what was made once is given back as it was. Fields that the
class has lost since are passed over, new ones have their default. A class is only looked for among the modules
that are imported, because importing one by a name from a file would run code that somebody planted there.
"""

from __future__ import annotations

import sys
from typing import Any

from ..errors import CheckpointInvalidError
from .class_names import name_of, named
from .place import Place, Tagged, Writer


def writer_of(cls: type) -> Writer | None:
    """How values of this class are written; None: it is of no such kind."""
    if not name_of(cls):
        return None
    if _extends(cls, "enum", "Enum"):
        return _write_enum
    if _extends(cls, "pydantic.main", "BaseModel"):
        return _write_model
    if issubclass(cls, tuple) and cls.__bases__ == (tuple,) and hasattr(cls, "_fields"):
        return _write_namedtuple
    is_made_plainly = cls.__new__ is object.__new__  # type: ignore[comparison-overlap]
    return _write_dataclass if is_made_plainly and "__dataclass_fields__" in vars(cls) else None


def _write_enum(value: Any, *_: Any) -> Any:
    cls = type(value)
    return {"$enum": [name_of(cls), value.name]} if cls.__members__.get(value.name) is value else None


def read_enum(body: list[str]) -> Any:
    """The member of a class name and a member name."""
    name, member = body
    return _class_named(name, "enum", "Enum").__members__[member]


def _write_model(value: Any, place: Place, tagged: Tagged) -> Any:
    state = sys.modules["pydantic.main"].BaseModel.__getstate__(value)
    names = [name for name in type(value).model_fields if name in state["__dict__"]]
    more = {
        "unset": sorted(set(names) - state["__pydantic_fields_set__"]),
        "extra": tagged(state["__pydantic_extra__"] or {}, place),
        "private": _fields(state["__pydantic_private__"] or {}, place, tagged),
    }
    more = {part: content for part, content in more.items() if content}
    fields = _fields({name: state["__dict__"][name] for name in names}, place, tagged)
    return {"$model": [name_of(type(value)), fields, *([more] if more else [])]}


def read_model(body: list[Any]) -> Any:
    """The model of a class name, fields, and what more there is."""
    name, values, more = body if len(body) == 3 else (*body, {})
    cls = _class_named(name, "pydantic.main", "BaseModel")
    model = cls.__new__(cls)
    state = {
        "__dict__": {
            field: values[field] if field in values else _default_in_model(name, field, info)
            for field, info in cls.model_fields.items()
        },
        "__pydantic_fields_set__": (set(values) & set(cls.model_fields)) - set(more.get("unset", ())),
        "__pydantic_extra__": more.get("extra", {}) if cls.model_config.get("extra") == "allow" else None,
        "__pydantic_private__": more.get("private", {}) if cls.__private_attributes__ else None,
    }
    sys.modules["pydantic.main"].BaseModel.__setstate__(model, state)
    return model


def _default_in_model(name: str, field: str, info: Any) -> Any:
    if info.is_required():
        raise _lacks(name, field)
    return info.get_default(call_default_factory=True)


def _write_dataclass(value: Any, place: Place, tagged: Tagged) -> Any:
    names = [name for name in type(value).__dataclass_fields__ if hasattr(value, name)]
    if not set(names).issuperset(getattr(value, "__dict__", ())):
        return None
    fields = _fields({name: getattr(value, name) for name in names}, place, tagged)
    return {"$dataclass": [name_of(type(value)), fields]}


def read_dataclass(body: list[Any]) -> Any:
    """The dataclass instance of a class name and fields."""
    from dataclasses import fields

    name, values = body
    cls = _class_named(name, "builtins", "object")
    made = object.__new__(cls)
    for field in fields(cls):
        value = values[field.name] if field.name in values else _default_in_dataclass(name, field)
        object.__setattr__(made, field.name, value)
    return made


def _default_in_dataclass(name: str, field: Any) -> Any:
    from dataclasses import MISSING

    if field.default_factory is not MISSING:
        return field.default_factory()
    if field.default is MISSING:
        raise _lacks(name, field.name)
    return field.default


def _write_namedtuple(value: Any, place: Place, tagged: Tagged) -> Any:
    fields = dict(zip(value._fields, value, strict=True))
    return {"$namedtuple": [name_of(type(value)), _fields(fields, place, tagged)]}


def read_namedtuple(body: list[Any]) -> Any:
    """The named tuple of a class name and fields."""
    name, values = body
    cls = _class_named(name, "builtins", "tuple")
    defaults = cls._field_defaults
    if lacking := [field for field in cls._fields if field not in values and field not in defaults]:
        raise _lacks(name, lacking[0])
    return tuple.__new__(cls, [values.get(field, defaults.get(field)) for field in cls._fields])


def _lacks(name: str, field: str) -> CheckpointInvalidError:
    return CheckpointInvalidError(f"a value of the class {name!r} cannot be read: it lacks {field!r}, needed by now")


def _fields(fields: dict[str, Any], place: Place, tagged: Tagged) -> Any:
    return {name: tagged(value, (*place, f".{name}")) for name, value in fields.items()}


def _class_named(name: str, module: str, contract: str) -> Any:
    cls = named(name)
    home = name.partition(":")[0]
    if cls is None:
        why = "has no such class now" if home in sys.modules else "is not imported; import it where the task is"
        raise CheckpointInvalidError(f"a value of the class {name!r} cannot be read: module {home!r} {why}")
    if not isinstance(cls, type) or not _extends(cls, module, contract):
        raise CheckpointInvalidError(f"a value of the class {name!r} cannot be read: it is of another kind now")
    return cls


def _extends(cls: type, module: str, name: str) -> bool:
    contract = getattr(sys.modules.get(module), name, None)
    return contract is not None and issubclass(cls, contract)
