"""Problems of a job file as a person reads them: place, line, caret, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from ..problem import Problem
from .excerpt import excerpt
from .paint import Paint
from .printable import harmless

_MOST_IN_FULL = 10
_MOST_CHARACTERS = 6500
"""Of all problems together, so that a refusal stays readable whatever the file holds."""
_COLOURS = {"error": "red", "warning": "yellow"}


def problems_text(problems: Sequence[Problem], paint: Paint, word: str = "error") -> str:
    """At most ten problems in full, then how many there are in all."""
    blocks: list[str] = []
    room = _MOST_CHARACTERS
    for problem in problems[:_MOST_IN_FULL]:
        block = problem_text(problem, paint, word)
        room -= len(block)
        if blocks and room < 0:
            break
        blocks.append(block)
    return "\n".join([*blocks, _count(problems, len(blocks), word)])


def problem_text(problem: Problem, paint: Paint, word: str = "error") -> str:
    """One problem: headline, place, the line with a caret, notes."""
    place, pad = problem.place, " " * len(str(problem.place.line))
    position = f":{place.line}:{max(place.column, 1)}" if place.line else ""
    lines = [
        f"{paint(f'{word} {problem.code}', _COLOURS[word])}: {harmless(problem.message, 400)}",
        f"{pad}{paint('-->', 'blue')} {harmless(place.file, 300)}{position}",
    ]
    shown = excerpt(place, harmless(problem.label, 200), paint)
    is_said = bool(shown) or problem.label in problem.message
    notes = [] if is_said else [problem.label]
    notes += problem.notes[:5]
    lines += [*shown, *(f"{pad} {paint('=', 'blue')} {harmless(note, 250)}" for note in notes)]
    return "\n".join([*lines, ""])


def _count(problems: Sequence[Problem], shown: int, word: str) -> str:
    total = f"{len(problems)} {word}{'s' if len(problems) != 1 else ''}"
    more = f" ({len(problems) - shown} not shown)" if len(problems) > shown else ""
    return f"{total}{more} · flowrun explain {problems[0].code} tells more"
