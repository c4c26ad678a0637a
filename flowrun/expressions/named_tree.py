"""NamedTree: an expression as Jinja has read it, with every name and its path in one piece."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from ..errors import ExpressionError
from .jinja import Environment
from .reference import Reference, Step, reference_of

NAMED = "named"
"""Under this name compiled code finds the values of references. It hides nothing: every name is a reference."""
_LENIENT_FILTERS = frozenset({"default", "d"})
_LENIENT_TESTS = frozenset({"defined", "undefined"})


class NamedTree(NodeTransformer):
    """Puts every name with its path out of a tree: it is looked up as a whole, exactly as a plain reference is."""

    def __init__(self, environment: Environment) -> None:
        self.references: list[Reference] = []
        self._environment = environment
        self._lenient: set[int] = set()

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        return self._replaced(node)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        return self._replaced(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        return self._replaced(node)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """What is called is a method of the value in front of it, and no part of its path."""
        called = node.node
        if not isinstance(called, nodes.Getattr):
            raise ExpressionError(f"`{_written(called)}()`: expressions have no functions, only filters and methods")
        called.node = self.visit(called.node)
        for name in ("args", "kwargs"):
            setattr(node, name, [self.visit(inner) for inner in getattr(node, name)])
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        self._must_know(node.name, "filter", self._environment.filters)
        return self._with_subject(node, node.name in _LENIENT_FILTERS)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:
        self._must_know(node.name, "test", self._environment.tests)
        return self._with_subject(node, node.name in _LENIENT_TESTS)

    def _with_subject(self, node: nodes.Filter | nodes.Test, is_lenient: bool) -> nodes.Node:
        if is_lenient:
            self._lenient.add(id(node.node))
        return self.generic_visit(node)

    def _must_know(self, name: str, kind: str, known: dict[str, Any]) -> None:
        if name not in known:
            names = ", ".join(sorted(one for one in known if one.isidentifier()))
            raise ExpressionError(f"no {kind} is called `{name}`; there are: {names}")

    def _replaced(self, node: nodes.Node) -> nodes.Node:
        root, steps = _chain(node)
        if not isinstance(root, nodes.Name):
            return self.generic_visit(node)
        if len(steps) < _length(node) and not (root.name == "tasks" and len(steps) < 2):
            return self.generic_visit(node)  # part of the path is worked out: what stands before it is the reference
        text = _written(root) + "".join(_written_step(step) for step in steps)
        self.references.append(reference_of(root.name, steps, text, may_lack=id(node) in self._lenient))
        number = nodes.Const(len(self.references) - 1, lineno=node.lineno)
        return nodes.Getitem(nodes.Name(NAMED, "load", lineno=node.lineno), number, "load", lineno=node.lineno)


def _chain(node: nodes.Node) -> tuple[nodes.Node, tuple[Step, ...]]:
    """The beginning of a path, and its steps as far as they are plain names and numbers."""
    if isinstance(node, nodes.Getattr):
        root, steps = _chain(node.node)
        return root, (*steps, node.attr) if len(steps) == _length(node.node) else steps
    if isinstance(node, nodes.Getitem):
        root, steps = _chain(node.node)
        step = _constant(node.arg)
        return root, (*steps, step) if step is not None and len(steps) == _length(node.node) else steps
    return node, ()


def _length(node: nodes.Node) -> int:
    return _length(node.node) + 1 if isinstance(node, nodes.Getattr | nodes.Getitem) else 0


def _constant(node: nodes.Node) -> Step | None:
    if isinstance(node, nodes.Neg):
        inner = _constant(node.node)
        return -inner if isinstance(inner, int) else None
    value = node.value if isinstance(node, nodes.Const) else None
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    return f"{_written(node.node)}.{node.attr}" if isinstance(node, nodes.Getattr) else "(…)"


def _written_step(step: Step) -> str:
    if isinstance(step, str) and step.isidentifier():
        return f".{step}"
    return f"[{step!r}]"
