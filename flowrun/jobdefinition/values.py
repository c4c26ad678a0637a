"""What the nodes of one file stand for: plain values, with variables filled in and merge keys followed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from flowrun.problem import Place, Problem

from .entries import key_of, sources_of_merge
from .keypath import KeyPath, spelled
from .limits import MAX_PROBLEMS
from .nodes import MAP, OBJECT, SEQ, place_of
from .scalars import BOOL, FLOAT, INT, MERGE, NULL, STR, tag_of, value_of
from .variables import Fault, Variables, is_tainted, show
from .wording import plain

_PREFIX = "tag:yaml.org,2002:"
_ALLOWED = {_PREFIX + tag: tag for tag in (STR, NULL, BOOL, INT, FLOAT, SEQ, MAP)}
_NOT_TEXT = (NULL, BOOL, INT, FLOAT, MERGE)


class Values:
    """Turns the nodes of one file into values, and collects the problems and the paths at which they stand."""

    def __init__(self, file: str, variables: Variables) -> None:
        self._file = file
        self._variables = variables
        self._path: list[Any] = []
        self._written_keys: dict[Any, str] = {}
        self.problems: list[Problem] = []
        self.bad_paths: set[KeyPath] = set()
        self.doubled: set[KeyPath] = set()

    def of_sections(self, root: MappingNode) -> dict[Any, Any]:
        """The value of a whole file, without `aliases:`, which counts only where it is referred to."""
        written = [(key, value) for key, value in root.value if key.value != "aliases"]
        return self._mapping(MappingNode(root.tag, written))

    def _of(self, node: Node) -> Any:
        tag = node.tag
        if tag is STR:
            return self._text(node)
        if tag is MAP:
            return self._mapping(node)
        if tag is SEQ:
            return self._sequence(node)
        if tag is OBJECT:
            return node.value
        return self._scalar(node, tag) if tag in _NOT_TEXT else self._tagged(node)

    def _mapping(self, node: Node) -> dict[Any, Any]:
        """The hot loop of loading: plain keys and plain text are dealt with on the spot."""
        values: dict[Any, Any] = {}
        merged: list[Node] = []
        again: list[Node] = []
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag is not STR or "$" in key:
                if key_node.tag is MERGE:
                    merged.append(value_node)
                    continue
                if not isinstance(key_node, ScalarNode):
                    self._problem("FR105", "a key must be text or a number", place_of(key_node, self._file), self._path)
                    continue
                key = self._key(key_node)
            if key in values:
                again.append(key_node)
            elif value_node.tag is STR and "$" not in value_node.value:
                values[key] = value_node.value
            else:
                self._path.append(key)
                values[key] = self._of(value_node)
                self._path.pop()
        if again:
            self._note_doubles(node, again)
        return self._with_merged(merged, values) if merged else values

    def _key(self, node: Node) -> Hashable:
        key = key_of(node, self._variables)
        if not isinstance(key, str) or is_tainted(show(str(node.value))):
            self._written_keys[key] = show(str(node.value))
        self._path.append(key)
        value: Hashable = self._of(node)
        self._path.pop()
        return value

    def _with_merged(self, merged: list[Node], values: dict[Any, Any]) -> dict[Any, Any]:
        below: dict[Any, Any] = {}
        for source in (source for node in merged for source in sources_of_merge(node)):
            if not isinstance(source, MappingNode):
                self._note("FR105", "`<<` merges mappings, and this is none", source)
                continue
            for key, value in self._mapping(source).items():
                below.setdefault(key, value)
        return {**below, **values}

    def _sequence(self, node: Node) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            self._path.append(index)
            values.append(self._of(item))
            self._path.pop()
        return values

    def _text(self, node: Node) -> str:
        text = str(node.value)
        if "$" not in text:
            return text
        text, faults = self._variables.fill(show(text))
        for fault in faults:
            self._add(fault.code, fault.message, _place_of_fault(node, fault, self._file), fault.label)
        return text

    def _scalar(self, node: Node, tag: str) -> Any:
        try:
            return value_of(tag, node.value)
        except ValueError:
            self._note("FR109", "this number has too many digits", node)
            return None

    def _tagged(self, node: Node) -> Any:
        """The value of a node that was written with a tag."""
        tag = _ALLOWED.get(node.tag)
        if tag is None:
            self._note("FR110", f"the tag `{plain(show(node.tag).replace(_PREFIX, '!!'))}` is not allowed", node)
            return None
        if isinstance(node, MappingNode) and tag == MAP:
            return self._mapping(node)
        if isinstance(node, SequenceNode) and tag == SEQ:
            return self._sequence(node)
        if isinstance(node, ScalarNode) and tag not in (MAP, SEQ):
            return self._tagged_scalar(node, tag)
        self._note("FR110", f"the tag `!!{tag}` does not fit this value", node)
        return None

    def _tagged_scalar(self, node: Node, tag: str) -> Any:
        if tag == STR:
            return self._text(node)
        if tag_of(node.value) != tag and (tag, tag_of(node.value)) != (FLOAT, INT):
            self._note("FR110", f"the tag `!!{tag}` does not fit this value", node)
            return None
        return self._scalar(node, tag)

    def _note_doubles(self, mapping: Node, again: list[Node]) -> None:
        firsts: dict[Hashable, Node] = {}
        for node, _ in mapping.value:
            firsts.setdefault(key_of(node, self._variables), node)
        for node in again:
            key = key_of(node, self._variables)
            self.doubled.add((*self._path, key))
            first = place_of(firsts[key], self._file)
            name = plain(show(str(node.value)))
            what = f"task `{name}` is defined twice" if self._path == ["tasks"] else f"the key `{name}` is given twice"
            label = f"first in line {first.line}" if first.line else ""
            self._problem("FR103", what, place_of(node, self._file), [*self._path, key], label)

    def _note(self, code: str, message: str, node: Node) -> None:
        self._add(code, message, place_of(node, self._file))

    def _add(self, code: str, message: str, place: Place, label: str = "") -> None:
        """A problem because of which there is no good value at the path."""
        self.bad_paths.add(tuple(self._path))
        self._problem(code, message, place, self._path, label)

    def _problem(self, code: str, message: str, place: Place, path: list[Any], label: str = "") -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, message, place, spelled(path, self._written_keys), label))


def _place_of_fault(node: Node, fault: Fault, file: str) -> Place:
    """The variable itself where the text stands on one line as it is, else the beginning of the text."""
    place = place_of(node, file)
    start, end = node.start_mark, node.end_mark
    if start is None or start.line != end.line or getattr(node, "style", None) != "":
        return place
    return Place(file, place.line, place.column + fault.start, fault.length)
