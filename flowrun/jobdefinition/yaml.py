"""YAML text as nodes, with the file, line and column of each; PyYAML's C composer does the work."""

from __future__ import annotations

from typing import Any

from yaml._yaml import CParser
from yaml.error import Mark, MarkedYAMLError, YAMLError
from yaml.nodes import Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from flowrun.problem import Place, Problem

from .expansion import check_aliases
from .limits import MAX_DEPTH, MAX_NODES
from .nodes import MAP, SEQ
from .refused import Refused
from .scalars import STR, tag_of
from .variables import hide

_PLAINER = {
    "mapping values are not allowed in this context": "a `:` cannot stand here; is the indentation right, "
    "or does the text need quotes?",
    "did not find expected key": "this line does not fit the ones above; is the indentation right?",
    "did not find expected '-' indicator": "this line does not fit the list above; is the indentation right?",
    "could not find expected ':'": "a key without a `:`",
    "found unexpected end of stream": "the quoted text has no end",
    "found undefined alias": "this alias has no anchor above it",
    "second occurrence": "this anchor is defined twice",
    "did not find expected node content": "a value is missing here",
    "but found another document": "a job file is one document, and here a second one begins",
    "did not find expected <document start>": "this line does not fit the ones above; is the indentation right?",
    "found unknown escape character": "this is no escape sequence; in single quotes a backslash is plain text",
    "found incompatible YAML document": "this version of YAML is not known",
}


def compose(text: str, file: str) -> Node | None:
    """The root node of `text`; None if there is none.

    Raises Refused (FR102 not YAML, FR109 a limit is exceeded) with a place in `file`. Messages never quote the text.
    """
    opaque = hide(text)
    try:
        root = _Composer(opaque, file).get_single_node()
    except MarkedYAMLError as error:
        raise Refused(_problem(error, text, file)) from None
    except ReaderError as error:
        line = opaque.encode().count(b"\n", 0, error.position) + 1
        raise Refused(Problem("FR102", "a control character cannot stand here", Place(file, line))) from None
    except YAMLError as error:
        raise Refused(Problem("FR102", f"not YAML: {type(error).__name__}", Place(file))) from None
    if root is not None and "*" in text:
        check_aliases(root, file)
    return root


class _Composer(CParser):
    """Resolves plain scalars by YAML 1.2, and stops before a file is too deep or too large for the C stack and memory.

    Its methods are the ones that the C composer calls for each node; nothing global is changed.
    """

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self._file = file
        self._depth = 0
        self._nodes = 0

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self._depth += 1
        self._nodes += 1
        if self._depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise self._too_much(parent)

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return tag_of(value) if implicit[0] else STR
        return SEQ if kind is SequenceNode else MAP

    def _too_much(self, parent: Node | None) -> Refused:
        if self._depth > MAX_DEPTH:
            message = f"mappings and lists are nested more than {MAX_DEPTH} deep"
        else:
            message = f"the file has more than {MAX_NODES:,} keys and values"
        start = parent.start_mark if parent else None
        return Refused(Problem("FR109", message, Place(self._file, start.line + 1 if start else 0)))


def _problem(error: MarkedYAMLError, text: str, file: str) -> Problem:
    words = error.problem or "not YAML"
    mark = error.problem_mark or error.context_mark
    if words == "found unexpected end of stream" and error.context_mark:
        mark = error.context_mark
    if words == "found character that cannot start any token":
        words = _odd_character(text, mark)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    return Problem("FR102", _PLAINER.get(words, words), place, label=_hint(text, mark), notes=_began(error, place))


def _hint(text: str, mark: Mark | None) -> str:
    """Braces mean something to YAML inside others: what people write there most naturally is not YAML."""
    if mark is None:
        return ""
    line = text[text.rfind("\n", 0, mark.index) + 1 :].partition("\n")[0]
    return "inside of `{…}` and `[…]` an expression needs quotes around it" if "${{" in line else ""


def _odd_character(text: str, mark: Mark | None) -> str:
    if mark and text[mark.index : mark.index + 1] == "\t":
        return "a tab cannot be used to indent; use spaces"
    return "a value cannot begin with this character; put it in quotes"


def _began(error: MarkedYAMLError, place: Place) -> tuple[str, ...]:
    start = error.context_mark
    if start is None or start.line + 1 == place.line or not (error.context or "").startswith("while "):
        return ()
    return (f"{str(error.context).removeprefix('while ')}, which began in line {start.line + 1}",)
