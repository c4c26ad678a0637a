"""The report of a run as JUnit XML, which most CI systems show as a table of tests: each task is a test case."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..attempt import Outcome
from ..engine.report import Report, TaskReport
from ..eventbus.execution import ExecutionState
from ..plaintext import plain

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_S = ExecutionState


def junit(report: Report) -> str:
    """Failed tasks are failures, if nothing allows that, stopped ones errors; blocked and left out ones are skipped."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    cases = [task for task in report.tasks.values() if task.kind != "group"]
    states = Counter(task.state for task in cases if not task.is_allowed)
    counts = {
        "tests": str(len(cases)),
        "failures": str(states[_S.FAILED]),
        "errors": str(states[_S.ABORTED]),
        "skipped": str(states[_S.DEFAULTED] + states[_S.SKIP] + sum(task.is_allowed for task in cases)),
        "time": f"{report.seconds:.3f}",
    }
    name = legal(report.job_name)
    root = Element("testsuites", {"name": name, **counts})
    suite = SubElement(
        root,
        "testsuite",
        {"name": name, **counts, "timestamp": report.started.isoformat(timespec="seconds"), "id": report.run_id},
    )
    for task in cases:
        _case(suite, name, task)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(suite: Element, job: str, task: TaskReport) -> None:
    from xml.etree.ElementTree import SubElement

    outcome = task.outcome
    place = {"file": legal(outcome.place[0]), "line": str(outcome.place[1])} if outcome and outcome.place else {}
    case = SubElement(
        suite, "testcase", {"classname": job, "name": legal(task.name), "time": f"{task.seconds:.3f}", **place}
    )
    match task.state:
        case _ if task.is_allowed:
            said = _message(outcome) or task.state.name.lower()
            SubElement(case, "skipped", {"message": f"did not complete, which is allowed: {said}"})
        case _S.FAILED:
            failure = SubElement(case, "failure", {"message": _message(outcome), "type": _type(outcome)})
            failure.text = legal(outcome.traceback if outcome else "")
        case _S.ABORTED:
            SubElement(case, "error", {"message": _message(outcome) or "not started", "type": "Aborted"})
        case _S.DEFAULTED:
            SubElement(case, "skipped", {"message": legal(f"blocked: {task.held_back_by!r} did not complete")})
        case _S.SKIP:
            SubElement(case, "skipped", {"message": legal(task.left_out_because or "left out")})
    if task.last_lines:
        SubElement(case, "system-out").text = legal("\n".join(task.last_lines))


def _message(outcome: Outcome | None) -> str:
    return legal(outcome.message[:1000]) if outcome else ""


def _type(outcome: Outcome | None) -> str:
    if outcome is None:
        return "lost"
    return legal(outcome.error_types[0] if outcome.error_types else outcome.reason.value)


def legal(text: str) -> str:
    """XML has no place for control characters, not even as references, nor for two others."""
    return plain(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
