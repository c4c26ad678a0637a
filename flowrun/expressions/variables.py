"""Variables: values under `vars:` may have expressions in them too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..errors import ExpressionError
from .scope import Scope
from .template import Template, has_expressions


def with_filled_variables(scope: Scope) -> Scope:
    """The scope with the expressions in its `vars` filled in, each when it is first asked for."""
    if not any(map(has_expressions, scope.vars.values())):
        return scope
    return _Variables(scope).scope


class _Variables(Mapping[str, Any]):
    """Variables that may be made of others."""

    def __init__(self, scope: Scope) -> None:
        self.scope = replace(scope, vars=self)
        self._written = scope.vars
        self._filled: dict[str, Any] = {}
        self._under_way: list[str] = []

    def __getitem__(self, name: str) -> Any:
        if name not in self._filled:
            value = self._written[name]
            self._filled[name] = self._fill(name, value) if has_expressions(value) else value
        return self._filled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)

    def __contains__(self, name: object) -> bool:
        return name in self._written

    def _fill(self, name: str, value: Any) -> Any:
        if name in self._under_way:
            ring = " → ".join([*self._under_way[self._under_way.index(name) :], name])
            raise ExpressionError(f"`vars.{name}` is made of itself: {ring}")
        self._under_way.append(name)
        try:
            return Template(value).fill(self.scope)
        finally:
            self._under_way.pop()
