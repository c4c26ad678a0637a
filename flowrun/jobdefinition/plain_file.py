"""PlainFile: a YAML file that is no job file, read as strictly as one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yaml.nodes import MappingNode, Node, SequenceNode

from flowrun.errors import definition_error
from flowrun.problem import Place

from .keypath import KeyPath
from .nodes import place_of
from .refused import Refused
from .text import read_text
from .values import Values
from .variables import Variables
from .yaml import compose


class PlainFile:
    """A YAML file with a mapping at the top, which may have variables in it.

    Raises DefinitionError with everything that is wrong with it.
    """

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self.value: dict[Any, Any] = {}
        """What it says; empty for a file without a mapping."""
        try:
            self.text = read_text(path, str(path))
            self._root = compose(self.text, str(path))
        except Refused as error:
            raise definition_error([error.problem]) from None
        if isinstance(self._root, MappingNode):
            values = Values(str(path), Variables(environ, {}, {}))
            self.value = values.of_sections(self._root)
            if values.problems:
                raise definition_error(values.problems)

    def node(self, path: KeyPath) -> Node | None:
        """What is written at a path; None if nothing is."""
        node = self._root
        for step in path:
            node = _below(node, step)
        return node

    def place(self, path: KeyPath) -> Place:
        """Where a value stands, or else what is nearest above it."""
        for length in range(len(path), -1, -1):
            if (node := self.node(path[:length])) is not None:
                return place_of(node, str(self.path))
        return Place(str(self.path), 1)

    def key_place(self, path: KeyPath) -> Place:
        """Where the last key of a path stands."""
        above = self.node(path[:-1])
        keys = above.value if isinstance(above, MappingNode) else ()
        return next((place_of(key, str(self.path)) for key, _ in keys if key.value == path[-1]), self.place(path))


def _below(node: Node | None, step: Any) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        found: Node = node.value[step]
        return found
    return None
