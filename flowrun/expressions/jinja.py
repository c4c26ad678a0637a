"""Jinja as expressions use it: in its sandbox, strict, and with our idea of paths and of truth."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .filters import FILTERS
from .reference import Reference
from .scope import Scope
from .steps import Lacking, step_into
from .truth import is_true


class Named:
    """The values of the references of an expression, found when they are needed."""

    def __init__(self, references: tuple[Reference, ...], scope: Scope) -> None:
        self._references = references
        self._scope = scope

    def value(self, number: int) -> Any:
        """That of the reference with this number. Raises Lacking and ExpressionError."""
        return self._scope.value(self._references[number])


class _CodeGenerator(CodeGenerator):
    """Decides in `and`, `or`, `not` and `if` as conditions do: the text `false` is not true."""

    def visit_And(self, node: nodes.BinExpr, frame: Frame) -> None:
        left = self.temporary_identifier()
        self._write("(", node.right, f" if environment.is_true({left} := ", node.left, f") else {left})", frame=frame)

    def visit_Or(self, node: nodes.BinExpr, frame: Frame) -> None:
        left = self.temporary_identifier()
        self._write(f"({left} if environment.is_true({left} := ", node.left, ") else ", node.right, ")", frame=frame)

    def visit_Not(self, node: nodes.UnaryExpr, frame: Frame) -> None:
        self._write("(not environment.is_true(", node.node, "))", frame=frame)

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> None:
        otherwise = node.expr2 or nodes.Const(None)
        self._write("(", node.expr1, " if environment.is_true(", node.test, ") else ", otherwise, ")", frame=frame)

    def _write(self, *parts: str | nodes.Node, frame: Frame) -> None:
        for part in parts:
            if isinstance(part, str):
                self.write(part)
            else:
                self.visit(part, frame)


class Environment(ImmutableSandboxedEnvironment):
    """Follows paths as references do: keys of mappings come before attributes, and what is lacking is named."""

    code_generator_class = _CodeGenerator
    is_true = staticmethod(is_true)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """What stands in brackets; of `Named` the value of a reference."""
        try:
            if isinstance(obj, Named):
                return obj.value(argument)
            return step_into(obj, argument)
        except Lacking as error:
            return self.undefined(hint=str(error) if isinstance(obj, Named) else f"the value {error}")

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What stands after a dot; also a method, if the sandbox lets it be called."""
        try:
            return step_into(obj, attribute)
        except Lacking as error:
            found = super().getattr(obj, attribute)
            is_lacking = isinstance(found, Undefined)
            return self.undefined(hint=f"the value {error}") if is_lacking else found


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The only one: it has no state."""
    made = Environment(undefined=StrictUndefined, optimized=False, cache_size=0)
    made.globals.clear()
    made.filters = dict(FILTERS)
    for name in ("callable", "filter", "test", "escaped", "sameas"):
        del made.tests[name]
    return made
