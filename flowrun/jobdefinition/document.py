"""One document: a text as the node of its sections."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node, SequenceNode

from flowrun.problem import Place, Problem

from .model import JobDefinition
from .nodes import place_of
from .refused import Refused
from .yaml import compose

SECTIONS = (*JobDefinition.model_fields, "aliases")


def document_of(text: str, file: str) -> MappingNode:
    """The sections of a job file. Raises Refused where there are none, and as `compose` does."""
    root = compose(text, file)
    if isinstance(root, MappingNode):
        return root
    raise _no_job(root, file)


def refuse_foreign(root: MappingNode, file: str) -> None:
    """Raises Refused if no key of the file is a section, without saying which keys there are."""
    if not any(key.value in SECTIONS for key, _ in root.value):
        message = f"this is no job file: none of its keys is one of {', '.join(SECTIONS)}"
        raise Refused(Problem("FR102", message, place_of(root, file)))


def _no_job(root: Node | None, file: str) -> Refused:
    what = "the file is empty"
    if root is not None:
        what = "this is a list" if isinstance(root, SequenceNode) else "this is text"
    place = place_of(root, file) if root is not None else Place(file, 1)
    return Refused(Problem("FR102", f"{what}; a job file has sections such as `tasks:`", place))
