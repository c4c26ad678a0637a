"""Table: verdicts as text for a person, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .contest import Claim, Verdict

_HEAD = ("contest", "what", "measured", "target", "met", "figures")
_LARGE_BYTES = 10_000_000


def row(verdict: Verdict) -> tuple[str, ...]:
    """One line of the table, as cells."""
    claim = verdict.claim
    met = {True: "yes", False: "NO", None: "-"}[verdict.is_met]
    figures = ", ".join(f"{name} {_figure(value, claim.unit)}" for name, value in verdict.figures.items())
    shown = figures if claim.against else ""
    return verdict.contest, claim.what, _value(verdict.value, claim), _target(claim), met, shown


def as_text(rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [_HEAD, tuple("---" for _ in _HEAD), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines
    )


def as_json(verdicts: Iterable[Verdict]) -> str:
    """Everything that was found, with every round."""
    return json.dumps(
        [
            {
                "contest": verdict.contest,
                "what": verdict.claim.what,
                "unit": "×" if verdict.claim.against else verdict.claim.unit,
                "median": verdict.value,
                "rounds": verdict.values,
                "at_most": verdict.claim.at_most,
                "at_least": verdict.claim.at_least,
                "met": verdict.is_met,
                "figures": verdict.figures,
            }
            for verdict in verdicts
        ],
        indent=2,
    )


def _target(claim: Claim) -> str:
    if claim.at_most is not None:
        return f"≤ {_value(claim.at_most, claim)}"
    return "" if claim.at_least is None else f"≥ {_value(claim.at_least, claim)}"


def _value(value: float, claim: Claim) -> str:
    return f"{value:.2f} ×" if claim.against else _figure(value, claim.unit)


def _figure(value: float, unit: str) -> str:
    if unit == "s":
        scale, name = next((step for step in ((1.0, "s"), (1e-3, "ms")) if abs(value) >= step[0]), (1e-6, "us"))
        return f"{value / scale:.3g} {name}"
    if unit == "B" and abs(value) >= _LARGE_BYTES:
        return f"{value / (1 << 20):.0f} MB"
    return f"{value:,.0f} {unit}".rstrip()
