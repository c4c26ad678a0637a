"""What differs between two runs, in lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..duration import duration
from .past_runs import TASK_WORDS
from .printable import harmless

if TYPE_CHECKING:
    from ..history.comparison import Comparison, Difference

_MOST = 50
"""So many differences of a kind are shown."""
_SECTIONS = (
    ("definition", ("definition",)),
    ("labels", ("label",)),
    ("states", ("state",)),
    ("durations", ("seconds",)),
    ("results", ("result",)),
    ("shared values", ("shared",)),
)


def sections(found: Comparison) -> Iterator[tuple[str, list[str]]]:
    """Each kind of thing of which something differs, with lines that say what."""
    for title, kinds in _SECTIONS:
        if differences := found.of(*kinds):
            lines = [line for difference in differences[:_MOST] for line in _difference(difference)]
            if (more := len(differences) - _MOST) > 0:
                lines.append(f"… and {more:,} more")
            yield title, lines


def _difference(it: Difference) -> Iterator[str]:
    place = f"   {harmless(it.place, 200)}" if it.place else ""
    if it.kind == "seconds":
        yield f"{harmless(it.name, 100)}   {duration(it.before)} → {duration(it.after)}"
    elif it.kind == "state":
        yield f"{harmless(it.name, 100)}   {_state(it.before)} → {_state(it.after)}"
    else:
        yield f"{harmless(it.name, 200)}{place}"
        yield from (f"  {sign} {_value(it, value)}" for sign, value in _sides(it))


def _sides(it: Difference) -> Iterator[tuple[str, Any]]:
    if it.before is not None:
        yield "-", it.before
    if it.after is not None:
        yield "+", it.after


def _state(state: str | None) -> str:
    return "not there" if state is None else TASK_WORDS[state]


def _value(it: Difference, value: Any) -> str:
    return harmless(value if it.kind in ("result", "shared") else json.dumps(value, ensure_ascii=False), 300)
