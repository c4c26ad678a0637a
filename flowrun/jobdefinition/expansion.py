"""How much the aliases of a file stand for."""

from __future__ import annotations

from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode

from flowrun.problem import Problem

from .limits import MAX_DEPTH, MAX_NODES
from .nodes import place_of
from .refused import Refused


def check_aliases(root: Node, file: str) -> None:
    """Raises Refused (FR102, FR109) where aliases run in a circle or stand for too much.

    The time goes with what is written, however much it stands for.
    """
    _Measure(file).of(root)


class _Measure:
    """Size and depth of nodes with their aliases followed; each node is measured once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._known: dict[int, tuple[int, int] | None] = {}

    def of(self, node: Node) -> tuple[int, int]:
        size, depth = 1, 0
        self._known[id(node)] = None
        for child in _children(node):
            if isinstance(child, ScalarNode):
                size += 1
                continue
            known = self._known[id(child)] if id(child) in self._known else self.of(child)
            if known is None:
                raise self._refused("FR102", "this contains itself through an alias", child)
            size, depth = size + known[0], max(depth, known[1])
        if size > MAX_NODES or depth >= MAX_DEPTH:
            raise self._refused("FR109", "the aliases in this stand for too much", node)
        self._known[id(node)] = size, depth + 1
        return size, depth + 1

    def _refused(self, code: str, message: str, node: Node) -> Refused:
        return Refused(Problem(code, message, place_of(node, self._file)))


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif not isinstance(node, ScalarNode):
        yield from node.value
