"""Unknown: executors and pools that a task names and that are not there."""

from __future__ import annotations

from collections.abc import Collection

from ..jobdefinition import Loaded
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.wording import plain
from ..problem import Problem
from .suggestions import Suggestions, did_you_mean, listed

_CODES = {"executor": "FR404", "pool": "FR405"}


def unknown(
    loaded: Loaded, suggestions: Suggestions, kind: str, name: str, path: KeyPath, known: Collection[str]
) -> list[Problem]:
    """One problem for the name at `path`, that of a task; none if another mistake may hide what has it."""
    origins, doubts = loaded.origins, loaded.doubts
    if doubts.cover(path) or doubts.may_hide((f"{kind}s", name)):
        return []
    near = suggestions.nearest(name, kind, known)
    shown = origins.shown(path) if origins.is_tainted(path) else name
    message = f"task `{plain(path[1])}`: no {kind} is called `{plain(shown)}`"
    note = f"{kind}s here: {listed(known)}" if known else f"there is no section `{kind}s`"
    place, spelled = origins.value(path), origins.spelled(path)
    return [Problem(_CODES[kind], message, place, spelled, did_you_mean(near), (note,))]
