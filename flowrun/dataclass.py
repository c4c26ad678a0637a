"""dataclass: the standard one, but its methods are made when they are first called.

The standard decorator compiles up to six methods for each class, half a millisecond, whenever the program starts.
Of the dozens of classes here, a run calls `__init__` of some and the other methods of hardly any.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(
        cls: type[T] | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        kw_only: bool = False,
        eq: bool = True,
    ) -> type[T] | Callable[[type[T]], type[T]]:
        """Make a dataclass, as `dataclasses.dataclass` does with these arguments."""

        def decorate(cls: type[T]) -> type[T]:
            cls.__doc__ = cls.__doc__ or cls.__name__  # else the standard one writes the signature into it, for 2 ms
            with _taken_for_changeable(cls.__mro__[1:]):
                made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
            parameters = made.__dataclass_params__
            parameters.init, parameters.repr, parameters.eq, parameters.frozen = True, True, eq, frozen
            methods = {"__init__": _maker(made), "__repr__": _written}
            if eq:
                methods |= {"__eq__": _is_equal, "__hash__": _hash if frozen else None}
            if frozen:
                methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
            if frozen and slots:
                methods["__setstate__"] = _restore
            for name, method in methods.items():
                if name not in cls.__dict__:
                    setattr(made, name, method)
            return made

        return decorate if cls is None else decorate(cls)


@contextmanager
def _taken_for_changeable(bases: Iterable[type[Any]]) -> Iterator[None]:
    """The standard decorator knows nothing of a `frozen` that we see to, and refuses to mix the two."""
    frozen = [it for base in bases if (it := base.__dict__.get("__dataclass_params__")) and it.frozen]
    for parameters in frozen:
        parameters.frozen = False
    try:
        yield
    finally:
        for parameters in frozen:
            parameters.frozen = True


def _maker(cls: type[Any]) -> Callable[..., None]:
    """The `__init__` of a class until its first call, which puts the real one in its place."""

    def __init__(self: Any, *values: Any, **named: Any) -> None:
        made = _init_of(cls)
        cls.__init__ = made
        made(self, *values, **named)

    return __init__


def _init_of(cls: type[Any]) -> Callable[..., None]:
    every = dataclasses.fields(cls)
    known: dict[str, Any] = {"_missing": dataclasses.MISSING, "_set": object.__setattr__}
    in_order = [field for field in every if not field.kw_only]
    by_name = [field for field in every if field.kw_only]
    parameters = [*(_parameter(field, known) for field in in_order)]
    parameters += ["*", *(_parameter(field, known) for field in by_name)] if by_name else []
    body = [line for field in every for line in _lines_of(cls, field, known)] or ["pass"]
    exec("\n ".join([f"def __init__(self, {', '.join(parameters)}):", *body]), known)
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _parameter(field: dataclasses.Field[Any], known: dict[str, Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        known[f"_new_{field.name}"] = field.default_factory
        return f"{field.name}=_missing"
    if field.default is not dataclasses.MISSING:
        known[f"_default_{field.name}"] = field.default
        return f"{field.name}=_default_{field.name}"
    return field.name


def _lines_of(cls: type[Any], field: dataclasses.Field[Any], known: dict[str, Any]) -> Iterator[str]:
    name = field.name
    if field.default_factory is not dataclasses.MISSING:
        yield f"if {name} is _missing: {name} = _new_{name}()"
    store = getattr(getattr(cls, name, None), "__set__", None)
    if store is not None:
        known[f"_set_{name}"] = store  # that of the slot, the quickest way past `__setattr__`
        yield f"_set_{name}(self, {name})"
    else:
        yield f"_set(self, {name!r}, {name})"


def _compared(value: Any) -> tuple[Any, ...]:
    return tuple(getattr(value, field.name) for field in dataclasses.fields(value) if field.compare)


def _is_equal(self: Any, other: object) -> bool:
    return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_compared(self))


def _written(self: Any) -> str:
    fields = ", ".join(
        f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr
    )
    return f"{type(self).__qualname__}({fields})"


def _refuse(self: Any, name: str, *_value: Any) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


def _restore(self: Any, state: tuple[Any, dict[str, Any]]) -> None:
    """What `copy` and `pickle` call for an object that cannot be changed."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)
