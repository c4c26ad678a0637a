"""Steps into a type: what `.rows[0]` of a result is, said by the annotation of the task."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence, Set
from types import NoneType
from typing import Any, Literal, Union, get_args

from ..errors import ExpressionError
from .plain_types import UNKNOWN, class_of, fields_of, members_of, shown_type
from .reference import Step

_SCALARS = (str, bool, int, float, complex, NoneType)
_LISTS = (list, deque)


class NoSuchPart(ExpressionError):
    """A type has no such part. The message ends the sentence that begins with the value."""

    def __init__(self, message: str, number: int = 0) -> None:
        super().__init__(message)
        self.number = number
        """How many steps were possible before."""


def type_after(annotation: Any, steps: Sequence[Step]) -> Any:
    """The type of what `steps` lead to from a value of the type `annotation`; UNKNOWN if it does not say.

    Raises NoSuchPart only if no value of that type could have such a part.
    """
    for number, step in enumerate(steps):
        try:
            annotation = _after(annotation, step)
        except NoSuchPart as error:
            raise NoSuchPart(str(error), number) from None
    return annotation


def _after(annotation: Any, step: Step) -> Any:
    """One step. Of the members of a union it is enough that one can be followed; None then stands for a mistake."""
    found, lacking = [], []
    for member in members_of(annotation):
        try:
            found.append(_of_member(member, step))
        except NoSuchPart as error:
            lacking.append((member is NoneType, error))
    if not found:
        raise min(lacking, key=lambda one: one[0])[1]
    return UNKNOWN if UNKNOWN in found else _union(found)


def _union(types: list[Any]) -> Any:
    unique = list(dict.fromkeys(types)) if all(map(_is_hashable, types)) else types
    return unique[0] if len(unique) == 1 else Union[tuple(unique)]  # noqa: UP007 - as many as there are


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _of_member(member: Any, step: Step) -> Any:
    cls = class_of(member)
    if cls is Literal:
        return _after(Union[tuple({type(value) for value in get_args(member)})], step)  # noqa: UP007 - as above
    if not isinstance(cls, type):
        return UNKNOWN
    if (known := fields_of(member)) is not None:
        return _of_record(cls, known, step)
    if issubclass(cls, tuple):
        return _of_tuple(member, step)
    if issubclass(cls, Mapping):
        return _argument(member, 1)
    if cls in _LISTS or cls is Sequence:
        return _of_list(member, step)
    return _of_object(cls, step)


def _of_record(cls: type, known: Mapping[str, Any], step: Step) -> Any:
    if step in known:
        return known[str(step)]
    if isinstance(step, int) and issubclass(cls, tuple):
        return _nth(list(known.values()), step, shown_type(cls))
    if _may_have_more(cls, step):
        return UNKNOWN
    has = f"it has: {', '.join(known)}" if known else "it has no fields"
    raise NoSuchPart(f"is of type {shown_type(cls)}, which has no {_part(step)}; {has}")


def _may_have_more(cls: type, step: Step) -> bool:
    """Whether objects may have what their fields do not tell of."""
    if getattr(cls, "model_config", {}).get("extra") == "allow":
        return True
    if isinstance(step, int):
        return hasattr(cls, "__getitem__")
    own = [vars(one) for one in cls.__mro__[:-1] if one.__module__ != "pydantic.main"]
    return any(name in names for names in own for name in (step, "__getattr__", "__post_init__"))


def _of_tuple(member: Any, step: Step) -> Any:
    arguments = get_args(member)
    if isinstance(step, str):
        raise NoSuchPart(f"is a tuple, which has no `{step}`: write `[0]` for the first")
    if not arguments:
        return UNKNOWN
    if arguments[-1] is Ellipsis:
        return arguments[0]
    return _nth(list(arguments), step, shown_type(member))


def _nth(types: list[Any], index: int, shown: str) -> Any:
    if -len(types) <= index < len(types):
        return types[index]
    raise NoSuchPart(f"is of type {shown} with {len(types)} items, so there is no [{index}]")


def _of_list(member: Any, step: Step) -> Any:
    if isinstance(step, int):
        return _argument(member, 0)
    if class_of(member) is Sequence:
        return UNKNOWN
    raise NoSuchPart(f"is a list, which has no `{step}`: write `[0]` for the first")


def _of_object(cls: type, step: Step) -> Any:
    if isinstance(step, str):
        is_there = any(step in vars(one) for one in cls.__mro__)
        if not is_there and (cls in _SCALARS or issubclass(cls, str | int | float)):
            raise NoSuchPart(f"is of type {shown_type(cls)}, which has no `{step}`")
        return UNKNOWN
    if cls is str:
        return str
    if cls in _SCALARS:
        raise NoSuchPart(f"is of type {shown_type(cls)}, which has no [{step}]")
    if issubclass(cls, Set):
        raise NoSuchPart(f"is a set, which has no order and no [{step}]")
    return UNKNOWN


def _argument(member: Any, number: int) -> Any:
    arguments = get_args(member)
    return arguments[number] if len(arguments) > number else UNKNOWN


def _part(step: Step) -> str:
    return f"[{step}]" if isinstance(step, int) else f"`{step}`"
