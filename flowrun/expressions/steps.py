"""Steps into a value: `.rows`, `[0]`, `['day']`, through mappings, lists and objects alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from ..errors import ExpressionError
from .reference import Step

MAX_NAMES = 12


class Lacking(ExpressionError):
    """A value does not have what was asked of it. The message ends the sentence that begins with the value."""


def step_into(value: Any, step: Step) -> Any:
    """What `value` has under a key, a name or a position. Keys of mappings come before attributes.

    Raises Lacking, which names what there is.
    """
    if isinstance(value, Mapping):
        if step in value:
            return value[step]
        raise Lacking(_has_no(step, map(str, value)))
    if isinstance(step, int):
        return _item(value, step)
    if not step.startswith("_"):
        try:
            found = getattr(value, step)
        except AttributeError:
            return _entry(value, step)
        if not callable(found):
            return found
    raise Lacking(_lacks(value, step))


def names_in(value: Any) -> Iterable[str]:
    """The parts of an object that expressions can name."""
    cls = type(value)
    if isinstance(models := getattr(cls, "model_fields", None), dict):
        return [*models, *getattr(cls, "model_computed_fields", {})]
    if is_dataclass(cls):
        return [field.name for field in fields(cls)]
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return list(cls._fields)
    return [name for name in getattr(value, "__dict__", {}) if not name.startswith("_")]


def _item(value: Any, index: int) -> Any:
    try:
        return value[index]
    except IndexError:
        raise Lacking(f"has {_count(len(value))}, so there is no [{index}]") from None
    except (TypeError, KeyError, AttributeError):
        raise Lacking(f"{_is_a(value)}, which has no [{index}]") from None


def _entry(value: Any, key: str) -> Any:
    """What tables and other objects that are almost mappings have under a name."""
    if not isinstance(value, Sequence) and hasattr(value, "__getitem__"):
        try:
            return value[key]
        except (KeyError, IndexError, TypeError, ValueError):
            pass
    raise Lacking(_lacks(value, key))


def _lacks(value: Any, key: str) -> str:
    if value is None or isinstance(value, str | int | float):
        return f"{_is_a(value)}, which has no `{key}`"
    if isinstance(value, Sequence) and not hasattr(value, "_fields"):
        return f"is a list of {_count(len(value))}, which has no `{key}`: write `[0]` for the first"
    return _has_no(key, names_in(value))


def _has_no(step: Step, known: Iterable[str]) -> str:
    names = list(known)
    more = f", and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    has = ", ".join(names[:MAX_NAMES])
    return f"has no `{step}`; it has: {has}{more}" if names else f"has no `{step}`; it is empty"


def _is_a(value: Any) -> str:
    if value is None:
        return "is None"
    words = {str: "text", bool: "true or false", int: "a number", float: "a number"}
    return f"is {words.get(type(value)) or 'of type ' + type(value).__name__}"


def _count(length: int) -> str:
    return f"{length} item{'s' * (length != 1)}"
