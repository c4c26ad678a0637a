"""Writes what was found into a file of test cases, in the place of what was expected."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from yaml.nodes import MappingNode, Node, SequenceNode

from ..errors import StateError
from ..jobdefinition.keypath import KeyPath
from .case_file import CaseFile


def update(file: CaseFile, changes: Iterable[tuple[KeyPath, Any]]) -> int:
    """Replace the values at some paths, and give how many were replaced. What is not written in the file is left.

    Comments stay. Raises StateError if the file cannot be written.
    """
    spans = []
    starts = _line_starts(file.text)
    for path, value in changes:
        if (node := file.node(path)) is not None:
            begin = starts[node.start_mark.line] + node.start_mark.column
            spans.append((begin, _end(node, starts), json.dumps(value, ensure_ascii=False)))
    text = file.text
    for begin, end, new in sorted(spans, reverse=True):
        kept = text[begin:end].rstrip()
        text = text[:begin] + new + text[begin + len(kept) :]
    try:
        if spans:
            file.path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StateError(f"cannot write {file.path}: {error.strerror}") from error
    return len(spans)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _end(node: Node, starts: list[int]) -> int:
    """A block ends where its last value does; the parser's own mark stands at what comes after it."""
    if isinstance(node, MappingNode | SequenceNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, MappingNode) else last, starts)
    return starts[node.end_mark.line] + node.end_mark.column
