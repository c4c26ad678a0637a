"""Condition: what stands under `when:`."""

from __future__ import annotations

from typing import Any

from ..errors import ExpressionError
from .expression import Expression, expression_of
from .reference import Reference
from .scope import Scope
from .text import OPEN, text_of
from .truth import FALSE_WORDS, TRUE_WORDS, is_true


class Condition:
    """Something that holds or does not."""

    __slots__ = ("_told",)

    def __init__(self, told: Expression | bool) -> None:
        self._told = told

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every reference to a task in it."""
        return tuple(found for found in self._every if found.root == "tasks")

    @property
    def names(self) -> tuple[Reference, ...]:
        """Every other name in it."""
        return tuple(found for found in self._every if found.root != "tasks")

    def holds(self, scope: Scope) -> bool:
        """Whether it is true. Raises ExpressionError, also for text that says neither yes nor no."""
        if isinstance(self._told, bool):
            return self._told
        return _decided(self._told.value(scope), self._told.source)

    @property
    def _every(self) -> tuple[Reference, ...]:
        return () if isinstance(self._told, bool) else self._told.references


def condition_of(given: str | bool) -> Condition:
    """The condition that `given` is: true or false, or an expression with or without `${{ }}` around it.

    Raises ExpressionError for what cannot be read.
    """
    if isinstance(given, bool):
        return Condition(given)
    if OPEN not in given:
        return Condition(expression_of(given))
    whole = text_of(given).whole
    if whole is None:
        raise ExpressionError("a condition is one expression: put all of it into one `${{ }}`")
    return Condition(whole)


def _decided(value: Any, source: str) -> bool:
    if isinstance(value, str) and value.strip().lower() not in FALSE_WORDS | TRUE_WORDS:
        hint = f"compare it, as in `{source} == 'x'`"
        raise ExpressionError(f"`{source}` is a text that says neither true nor false: {hint}")
    try:
        return is_true(value)
    except Exception as error:
        name = type(value).__name__
        raise ExpressionError(f"`{source}` is of type {name}, which is neither true nor false: {error}") from None
