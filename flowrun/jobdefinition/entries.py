"""The entries of a mapping node by their keys, merge keys followed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .nodes import OBJECT
from .scalars import BOOL, FLOAT, INT, MERGE, NULL, value_of
from .variables import Variables, show

Entry = tuple[Node, Node]
"""The nodes of a key and of its value."""


def entries_of(mapping: Node, variables: Variables) -> dict[Any, Entry]:
    """The entries of `mapping` under the keys that `Values` gives them."""
    entries: dict[Any, Entry] = {}
    merged: list[Node] = []
    for key, value in mapping.value:
        if key.tag is MERGE:
            merged.extend(sources_of_merge(value))
        else:
            entries.setdefault(key_of(key, variables), (key, value))
    for source in merged:
        if isinstance(source, MappingNode):
            entries = {**entries_of(source, variables), **entries}
    return entries


def sources_of_merge(node: Node) -> Iterator[Node]:
    """The mappings that a `<<` names, those that count most first."""
    if isinstance(node, SequenceNode):
        yield from node.value
    else:
        yield node


def key_of(node: Node, variables: Variables) -> Hashable:
    """The key that `node` stands for; None for a mapping or a list, which cannot be one."""
    if not isinstance(node, ScalarNode):
        return None
    key: Hashable = node.value
    if node.tag is OBJECT:
        return key
    if node.tag in (NULL, BOOL, INT, FLOAT):
        try:
            key = value_of(node.tag, node.value)
        except ValueError:
            key = None
        return key
    return variables.fill(show(node.value))[0]
