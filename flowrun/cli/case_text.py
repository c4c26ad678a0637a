"""A test case that failed, as a person reads it, and all of them as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..problem import Place
from .junit import legal
from .paint import Paint
from .printable import harmless

if TYPE_CHECKING:
    from ..testing.difference import Difference

_MOST_LINES = 60


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    title: str
    place: Place
    seconds: float
    differences: Sequence[tuple[Place, Difference]] = ()
    """Each with the place of what was expected."""
    error: str = ""
    """Why it could not be run."""

    @property
    def is_passed(self) -> bool:
        """Everything was as expected."""
        return not (self.differences or self.error)


def failure_text(verdict: Verdict, paint: Paint) -> str:
    """What was expected, and where, and what was found instead."""
    lines = [f"{paint('failed', 'red')}  {harmless(verdict.title, 200)}   {harmless(verdict.place)}"]
    if verdict.error:
        lines.append(f"  {harmless(verdict.error, 2000)}")
    for place, one in verdict.differences:
        note = f"   {harmless(one.note, 400)}" if one.note else ""
        lines.append(f"  {harmless('.'.join(one.path), 200)}   {harmless(place)}{note}")
        lines += [f"    {paint(line, 'green' if line[0] == '+' else 'red')}" for line in compared(one)]
    return "\n".join(lines)


def compared(one: Difference) -> list[str]:
    """The lines with `-` were expected and are not there, those with `+` are there instead."""
    from difflib import unified_diff

    expected, found = _lines(one.expected), _lines(one.found)
    if len(expected) == len(found) == 1:
        return [f"- {harmless(expected[0], 400)}", f"+ {harmless(found[0], 400)}"]
    lines = [
        line for line in unified_diff(expected, found, lineterm="", n=0) if not line.startswith(("---", "+++", "@@"))
    ]
    return [f"{line[0]} {harmless(line[1:], 400)}" for line in lines[:_MOST_LINES]]


def cases_junit(verdicts: Sequence[Verdict]) -> str:
    """Each case is a test case; one that could not be run is an error."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    counts = {
        "tests": str(len(verdicts)),
        "failures": str(sum(bool(verdict.differences) for verdict in verdicts)),
        "errors": str(sum(bool(verdict.error) for verdict in verdicts)),
        "time": f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    }
    root = Element("testsuites", {"name": "flowrun test", **counts})
    suite = SubElement(root, "testsuite", {"name": "flowrun test", **counts})
    for verdict in verdicts:
        case = SubElement(
            suite,
            "testcase",
            {
                "classname": legal(verdict.place.file),
                "name": legal(verdict.title),
                "file": legal(verdict.place.file),
                "line": str(verdict.place.line),
                "time": f"{verdict.seconds:.3f}",
            },
        )
        if verdict.error:
            SubElement(case, "error", {"message": legal(verdict.error)})
        elif verdict.differences:
            paths = ", ".join(".".join(one.path) for _, one in verdict.differences)
            failure = SubElement(case, "failure", {"message": legal(f"not as expected: {paths}")})
            failure.text = legal(failure_text(verdict, lambda text, _colour: text))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _lines(value: Any) -> list[str]:
    """One line for what is short, else one for each part."""
    short = json.dumps(value, ensure_ascii=False)
    return [short] if len(short) <= 80 else json.dumps(value, ensure_ascii=False, indent=2).split("\n")
