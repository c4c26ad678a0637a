"""The nodes of a job definition: what was written, and where. Values from Python become nodes too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from flowrun.problem import Place, Problem

from .limits import MAX_DEPTH
from .refused import Refused
from .scalars import STR

SEQ, MAP, OBJECT = "seq", "map", "object"


def place_of(node: Node, file: str) -> Place:
    """Where `node` stands. A value from Python has no line."""
    start, end = node.start_mark, node.end_mark
    if start is None:
        return Place(file)
    length = end.column - start.column if end.line == start.line else 1
    return Place(file, start.line + 1, start.column + 1, max(length, 1))


def is_empty(node: Node) -> bool:
    """Whether nothing at all was written, as after the colon in `tasks:`."""
    return isinstance(node, ScalarNode) and node.value == "" and node.style == ""


def nodes_of(mapping: Mapping[Any, Any], file: str, is_filled: bool = False) -> MappingNode:
    """The nodes of sections from Python. Objects that YAML does not know are kept as they are.

    `is_filled` says that the texts hold no variables any more. Raises Refused (FR109) for what is nested too
    deeply, as is what contains itself.
    """
    return _Nodes(file, OBJECT if is_filled else STR).of_mapping(mapping, 0)


class _Nodes:
    def __init__(self, file: str, tag_of_text: str) -> None:
        self._file = file
        self._tag_of_text = tag_of_text

    def of_mapping(self, mapping: Mapping[Any, Any], depth: int) -> MappingNode:
        pairs = [(self._of(key, depth + 1), self._of(value, depth + 1)) for key, value in mapping.items()]
        return MappingNode(MAP, pairs)

    def _of(self, value: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            message = f"mappings and lists are nested more than {MAX_DEPTH} deep"
            raise Refused(Problem("FR109", message, Place(self._file)))
        if isinstance(value, Mapping):
            return self.of_mapping(value, depth)
        if isinstance(value, list | tuple):
            return SequenceNode(SEQ, [self._of(item, depth + 1) for item in value])
        return ScalarNode(self._tag_of_text if isinstance(value, str) else OBJECT, value)
