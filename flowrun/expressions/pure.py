"""Pure references: a name with a path of dots and indexes, read without the engine of the language."""

from __future__ import annotations

import re
from functools import lru_cache

from .reference import Reference, Step, reference_of

# A name after a dot may hold hyphens, as names of tasks do. Quantifiers are possessive: reading stays linear.
_STEP = r"""\.{0}\w++(?:-++\w++)*+)|\[\s*+(?:{0}-?[0-9]{{1,18}})|'{0}[^'\\]*+)'|"{0}[^"\\]*+)")\s*+\]"""
_REFERENCE = rf"\s*+(([A-Za-z_]\w*+)((?:{_STEP.format('(?:')})*+))\s*+"


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_REFERENCE), re.compile(_STEP.format("("))


def pure_reference(source: str) -> Reference | None:
    """The reference that the whole of `source` is; None if it is more than a name with a path.

    Raises ExpressionError for a reference to a task that is not complete.
    """
    whole, step = _patterns()
    match = whole.fullmatch(source)
    if match is None or match[2] in _CONSTANTS:
        return None
    text, root, path = match.groups()
    steps = tuple([_step(*found) for found in step.findall(path)])
    if root == "tasks" and steps:
        steps = (_name(path, step), *steps[1:])
    return reference_of(root, steps, text, is_whole=True)


def _name(path: str, step: re.Pattern[str]) -> Step:
    """The name of a task, which may consist of digits only."""
    first = step.match(path)
    assert first is not None
    return first[1] or _step(*first.groups(default=""))


def _step(name: str, index: str, one: str, two: str) -> Step:
    if index:
        return int(index)
    if name.isdecimal() and len(name) <= 18:
        return int(name)
    return name or one or two


_CONSTANTS = frozenset({"true", "false", "none", "True", "False", "None", "not", "and", "or", "is", "in", "if", "else"})
