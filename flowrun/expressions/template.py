"""Template: a value of a job file with expressions in it, to be filled in when a task starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .reference import Reference
from .scope import Scope
from .text import OPEN, text_of


class Template:
    """Text, or lists and mappings with such texts in them. Keys of mappings are plain text."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every reference to a task in it."""
        return tuple(found for found in self._every() if found.root == "tasks")

    @property
    def names(self) -> tuple[Reference, ...]:
        """Every other name in it: of variables, of secrets, and such that mean nothing."""
        return tuple(found for found in self._every() if found.root != "tasks")

    @property
    def whole(self) -> Reference | None:
        """The reference that the value consists of, without anything around it."""
        if not isinstance(self._value, str):
            return None
        whole = text_of(self._value).whole
        return whole.reference if whole is not None else None

    def fill(self, scope: Scope) -> Any:
        """The value with everything filled in: an expression that stands alone gives its value as it is.

        Raises ExpressionError, which names what is not there and what is.
        """
        return _filled(self._value, scope)

    def _every(self) -> Iterator[Reference]:
        for path, text in texts_in(self._value):
            read = text_of(text)
            for part in read.parts:
                if not isinstance(part, str):
                    for reference in part.references:
                        yield reference.at(path, is_whole=read.whole is not None and reference.is_whole)


def template_of(value: Any) -> Template | None:
    """The template that `value` is; None if there is no `${{` in it.

    Raises ExpressionError for a text that cannot be read.
    """
    if not has_expressions(value):
        return None
    for _, text in texts_in(value):
        text_of(text)
    return Template(value)


def has_expressions(value: Any) -> bool:
    """Whether there is `${{` in a text of `value`."""
    cls = type(value)
    if cls is str:
        return OPEN in value
    if cls is dict:
        return bool(value) and any(map(has_expressions, value.values()))
    if cls is list or cls is tuple:
        return any(map(has_expressions, value))
    return False


def texts_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The texts in `value` that have `${{` in them, with their paths."""
    if isinstance(value, str):
        if OPEN in value:
            yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts_in(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from texts_in(inner, (*path, index))


def _filled(value: Any, scope: Scope) -> Any:
    if isinstance(value, str):
        return text_of(value).fill(scope) if OPEN in value else value
    if isinstance(value, dict):
        return {key: _filled(inner, scope) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, scope) for inner in value]
    return value
