"""Origins: where each value of a job definition was written, looked up only when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from flowrun.problem import Place

from ..dataclass import dataclass
from . import variables as notation
from .entries import Entry, entries_of
from .keypath import KeyPath, spelled
from .layer import Layer
from .nodes import OBJECT, is_empty, place_of
from .spellings import OTHERS
from .variables import Variables
from .wording import plain

NOWHERE = Place("<python>")
"""The place of what was written in Python."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """One writing of a value. `key` is None for the items of lists and for whole files."""

    layer: Layer
    key: Node | None
    node: Node

    @property
    def place(self) -> Place:
        # Nothing was written for an empty value: its key is the place to look at.
        return place_of(self.key if self.key and is_empty(self.node) else self.node, self.layer.file)


class Origins:
    """The files of a job definition, lowest first: what stands in a later one counts.

    Paths are those of the merged definition, with `dependencies` and `depends_on`, `task` and `variant`
    meaning the same. For a path that is nowhere written, the nearest one above it answers.
    A member of a group may be named in full: `("tasks", "etl/load")` is `("tasks", "etl", "serial", "load")`.
    """

    def __init__(self, layers: Sequence[Layer] = (), variables: Variables | None = None) -> None:
        self._layers = tuple(layers)
        self._variables = variables or Variables({}, {}, {})
        self._entries: dict[int, dict[Any, Entry]] = {}
        self._members: Mapping[str, KeyPath] = {}
        self._elsewhere: Mapping[KeyPath, Place] = {}

    def with_places(self, places: Mapping[KeyPath, Place]) -> Origins:
        """The same, but it also knows where values stand that no job file gives: above a class or function."""
        other = Origins(self._layers, self._variables)
        other._entries, other._members, other._elsewhere = self._entries, self._members, {**self._elsewhere, **places}
        return other

    def with_members(self, paths: Mapping[str, KeyPath]) -> Origins:
        """The same, but it also knows the members of groups by their full names: `paths` says where each is written."""
        if not paths:
            return self
        other = Origins(self._layers, self._variables)
        other._entries, other._members, other._elsewhere = self._entries, paths, self._elsewhere
        return other

    def key(self, path: KeyPath) -> Place:
        """Where the last key of `path` stands; for the item of a list, the item."""
        if place := self._place_elsewhere(path):
            return place
        spots = self._spots(path)
        if not spots:
            return NOWHERE
        last = spots[-1]
        return place_of(last.key or last.node, last.layer.file)

    def value(self, path: KeyPath) -> Place:
        """Where the value at `path` stands."""
        if place := self._place_elsewhere(path):
            return place
        spots = self._spots(path)
        return spots[-1].place if spots else NOWHERE

    def shown(self, path: KeyPath) -> str:
        """The value at `path` as it was written, never what a variable made of it. Empty for mappings and lists."""
        spots = self._spots(path)
        node = spots[-1].node if spots else None
        return notation.show(str(node.value)) if isinstance(node, ScalarNode) else ""

    def is_tainted(self, path: KeyPath) -> bool:
        """Whether the value at `path`, or anything in it, was taken from the environment."""
        if self._place_elsewhere(path):
            return False
        spots = self._spots(path)
        return bool(spots) and _is_tainted(spots[-1].node)

    def history(self, path: KeyPath) -> tuple[Place, ...]:
        """Where the values stand that the one at `path` replaced or was merged with, the oldest first."""
        return tuple(spot.place for spot in self._spots(path)[:-1])

    def came_through(self, path: KeyPath) -> str | None:
        """The sentence that says through which include a value came; None if it stands in the main file."""
        spots = self._spots(path)
        chain = spots[-1].layer.chain() if spots else []
        if len(chain) < 2:
            return None
        entry = chain[1].entry
        line = f" on line {entry.line}" if entry and entry.line else ""
        main, *others = (plain(layer.file, 200) for layer in chain[:-1])
        sentence = f"this value reached {main} through its include{line}"
        return f"{sentence}, by way of {', '.join(others)}" if others else sentence

    def spelled(self, path: KeyPath) -> str:
        """`path` as messages show it: with the keys that the file uses, and no key taken from the environment."""
        return spelled(self.steps(path))

    def steps(self, path: KeyPath) -> KeyPath:
        """`path` with each key as it was written."""
        path = self._nested(path)
        return tuple(self._step(path[: length + 1]) for length in range(len(path)))

    def _step(self, path: KeyPath) -> Any:
        spots, is_whole = self._trace(path)
        key = spots[-1].key if spots and is_whole else None
        if not isinstance(key, ScalarNode):
            return path[-1]
        if key.tag is OBJECT:
            return str(key.value)
        written = notation.show(str(key.value))
        return written if notation.is_tainted(written) or "$" not in written else path[-1]

    def _place_elsewhere(self, path: KeyPath) -> Place | None:
        if not self._elsewhere:
            return None
        return next((at for length in range(len(path), 0, -1) if (at := self._elsewhere.get(path[:length]))), None)

    def _nested(self, path: KeyPath) -> KeyPath:
        if self._members and path[:1] == ("tasks",) and len(path) > 1 and path[1] in self._members:
            return (*self._members[path[1]], *path[2:])
        return path

    def _spots(self, path: KeyPath) -> list[_Spot]:
        return self._trace(path)[0]

    def _trace(self, path: KeyPath) -> tuple[list[_Spot], bool]:
        """Every writing of the value at `path`, the one that counts last, and whether the path goes that far."""
        spots = [_Spot(layer, None, layer.root) for layer in self._layers]
        for step in self._nested(path):
            below = [found for spot in _that_count(spots) if (found := self._below(spot, step))]
            if not below:
                return spots, False
            spots = below
        return spots, True

    def _below(self, spot: _Spot, step: Any) -> _Spot | None:
        node = spot.node
        if isinstance(node, SequenceNode):
            is_index = isinstance(step, int) and 0 <= step < len(node.value)
            return _Spot(spot.layer, None, node.value[step]) if is_index else None
        if not isinstance(node, MappingNode):
            return None
        entries = self._entries_of(node)
        for name in (step, *OTHERS.get(step, ())):
            if name in entries:
                return _Spot(spot.layer, *entries[name])
        return None

    def _entries_of(self, node: Node) -> dict[Any, Entry]:
        if id(node) not in self._entries:
            self._entries[id(node)] = entries_of(node, self._variables)
        return self._entries[id(node)]


def _that_count(spots: list[_Spot]) -> list[_Spot]:
    """The writings of which something is left: the mappings after the last that is none, or else that one."""
    if not spots or not isinstance(spots[-1].node, MappingNode):
        return spots[-1:]
    first = next((i for i in range(len(spots), 0, -1) if not isinstance(spots[i - 1].node, MappingNode)), 0)
    return spots[first:]


def _is_tainted(node: Node) -> bool:
    if isinstance(node, ScalarNode):
        return node.tag is not OBJECT and notation.is_tainted(notation.show(node.value))
    if isinstance(node, MappingNode):
        return any(_is_tainted(key) or _is_tainted(value) for key, value in node.value)
    return any(_is_tainted(item) for item in node.value)
