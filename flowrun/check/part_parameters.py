"""Part parameters: `${{ secrets.NAME }}` in what a job gives to its loggers, extensions, executors and checkpointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ExpressionError
from ..expressions import Template, template_of
from ..expressions.scope import Scope
from ..jobdefinition.expression_places import paths_of_expressions
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.origins import Origins
from ..problem import Problem
from .secret_uses import SecretUse


class PartParameters:
    """The parameters of one part of a job that have expressions in them. Parts begin before any task."""

    def __init__(self, path: KeyPath, parameters: Mapping[str, Any], origins: Origins) -> None:
        """`path` leads to the part, as in ("loggers", "alerts")."""
        self.path = path
        self._origins = origins
        self._error = ""
        try:
            self._template: Template | None = template_of(dict(parameters))
        except ExpressionError as error:
            self._template, self._error = None, str(error)
        self._first = paths_of_expressions(parameters)[0]

    def problems(self) -> Iterator[Problem]:
        """Texts that cannot be read, and names that mean nothing here."""
        if self._template is None:
            yield self._problem("FR303", self._error, self._first)
            return
        named = [*self._template.references, *self._template.names]
        for found in named:
            if found.root != "secrets" or not found.steps:
                message = f"`{found.text}`: only `secrets.NAME` is known before the tasks begin"
                yield self._problem("FR305", message, found.path)

    def uses(self) -> Iterator[SecretUse]:
        """The secrets that are named."""
        for found in () if self._template is None else self._template.names:
            if found.root == "secrets" and found.steps:
                path = (*self.path, "parameters", *found.path)
                yield SecretUse(str(found.steps[0]), "", path, found.may_lack)

    def filled(self, secrets: Mapping[str, str]) -> Mapping[str, Any]:
        """The parameters with the values of secrets. Raises ExpressionError if one is not there."""
        assert self._template is not None, "that is a problem"
        filled: Mapping[str, Any] = self._template.fill(Scope({}, {}, {}, secrets, {}))
        return filled

    def _problem(self, code: str, message: str, keys: KeyPath) -> Problem:
        path = (*self.path, "parameters", *keys)
        return Problem(code, message, self._origins.value(path), self._origins.spelled(path))
