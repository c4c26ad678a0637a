"""SARIF 2.1.0: findings in the form that code hosts and editors read from any checker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..error_codes import ERROR_CODES
from ..problem import Place, Problem
from .finding import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Sequence[Finding]) -> str:
    """One run of the tool, with a result for each problem and a rule for each code among them."""
    problems = [("error", problem) for finding in findings for problem in finding.errors]
    problems += [("warning", problem) for finding in findings for problem in finding.warnings]
    run = {
        "tool": {"driver": _driver(problem.code for _level, problem in problems)},
        "columnKind": "unicodeCodePoints",
        "results": [_result(level, problem) for level, problem in problems],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _driver(codes: Iterable[str]) -> dict[str, Any]:
    from ..version import __version__

    rules = [_rule(code) for code in sorted(set(codes))]
    return {"name": "flowrun", "version": __version__, "rules": rules}


def _rule(code: str) -> dict[str, Any]:
    page = ERROR_CODES[code]
    return {"id": code, "shortDescription": {"text": page.title}, "fullDescription": {"text": page.explanation}}


def _result(level: str, problem: Problem) -> dict[str, Any]:
    said = [problem.message + (f" ({problem.label})" if problem.label else ""), *problem.notes]
    return {
        "ruleId": problem.code,
        "level": level,
        "message": {"text": "\n".join(said)},
        "locations": [{"physicalLocation": _location(problem.place)}],
    }


def _location(place: Place) -> dict[str, Any]:
    path = Path(place.file)
    location: dict[str, Any] = {"artifactLocation": {"uri": path.as_uri() if path.is_absolute() else quote(place.file)}}
    if place.line:
        location["region"] = {"startLine": place.line}
    if place.line and place.column:
        location["region"] |= {"startColumn": place.column, "endColumn": place.column + place.length}
    return location
