"""What CI systems get: JUnit XML, Markdown, annotations."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.cli.github import annotation, failures, fold
from flowrun.cli.junit import junit
from flowrun.cli.markdown import markdown
from flowrun.cli.report_files import write_report_files
from flowrun.engine.report import Ending, Report, TaskReport
from flowrun.eventbus.execution import ExecutionState
from flowrun.problem import Place

S = ExecutionState
RAISED = Outcome(
    Reason.RAISED,
    "ValueError: <no> & 100% *rows*",
    error_types=("ValueError", "Exception"),
    place=("/nowhere/tasks/a.py", 3),
    traceback="Traceback\x1b[2J",
)


def report_of(*tasks: TaskReport, **more: Any) -> Report:
    values = {"job_name": "nightly", "run_id": "7f3a", "started": datetime(2026, 11, 21, tzinfo=UTC), "seconds": 61.0}
    return Report(tasks={task.name: task for task in tasks}, **{**values, **more})


FAILED = report_of(
    TaskReport("kept", "Load", S.COMPLETED, kept=True),
    TaskReport("done", "Load", S.COMPLETED, attempts=2, max_attempts=3, seconds=1.5, outcome=Outcome.completed()),
    TaskReport("bad|<b>@all", "Load", S.FAILED, attempts=1, seconds=2.0, outcome=RAISED, last_lines=("said \x1b[2J",)),
    TaskReport("next", "Load", S.DEFAULTED, held_back_by="bad|<b>@all"),
    TaskReport("cut", "Load", S.ABORTED, attempts=1, outcome=Outcome.aborted()),
    TaskReport("never", "Load", S.ABORTED),
    TaskReport("left", "Load", S.SKIP),
    notices=("a logger was cut off",),
)


def test_junit_has_a_case_for_each_task() -> None:
    """With what CI systems show: counts, times, message, place and traceback."""
    suite = ElementTree.fromstring(junit(FAILED))[0]

    assert {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped", "time")} == {
        "name": "nightly",
        "tests": "7",
        "failures": "1",
        "errors": "2",
        "skipped": "2",
        "time": "61.000",
    }
    cases = {case.get("name"): case for case in suite}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "kept": [],
        "done": [],
        "bad|<b>@all": ["failure", "system-out"],
        "next": ["skipped"],
        "cut": ["error"],
        "never": ["error"],
        "left": ["skipped"],
    }
    failure = cases["bad|<b>@all"][0]
    assert (failure.get("type"), failure.get("message")) == ("ValueError", RAISED.message)
    assert (cases["bad|<b>@all"].get("file"), cases["bad|<b>@all"].get("line")) == ("/nowhere/tasks/a.py", "3")
    assert failure.text == "Traceback\\x1b[2J"


@pytest.mark.parametrize("evil", ["\x00\x08\x0b\x1f", "\ufffe\uffff", "\ud800", "]]>", "<&\"'"])
def test_junit_is_xml_whatever_tasks_say(evil: str) -> None:
    """What XML cannot hold is written out. O-05"""
    outcome = Outcome(Reason.RAISED, evil, error_types=(evil,), place=(evil, 1), traceback=evil)
    report = report_of(TaskReport(evil, "Load", S.FAILED, outcome=outcome, last_lines=(evil,)), job_name=evil)

    assert len(ElementTree.fromstring(junit(report).encode())[0]) == 1


def test_markdown_begins_with_what_went_wrong() -> None:
    """Headline, cause, then the tasks that did not complete before those that did."""
    lines = markdown(FAILED).splitlines()

    assert lines[0] == "### ✗ nightly failed in 1m 01s"
    assert lines[2].startswith("Root cause: **bad")
    table = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")][1:]
    assert table[1:4] == ["cut", "never", "next"]
    assert table[4:] == ["kept", "done", "left"]
    assert "attempt 2 of 3" in next(line for line in lines if line.startswith("| done"))
    assert lines[-1] == "- a logger was cut off"


def test_markdown_obeys_no_task() -> None:
    """Names and messages are no markup, no HTML, and call nobody. O-05"""
    text = markdown(FAILED)

    assert "<b>" not in text
    assert "@all" not in text
    assert "\x1b" not in text
    assert "*rows*" not in text


def test_markdown_of_success_is_short() -> None:
    """No cause, and a long table is cut."""
    text = markdown(report_of(*(TaskReport(f"t{number}", "Load", S.COMPLETED) for number in range(300))))

    assert text.startswith("### ✓ nightly completed in 1m 01s")
    assert "Root cause" not in text
    assert "| and 100 more |" in text
    assert "its state is lost" in markdown(report_of(ending=Ending.STATE_LOST, error="its state is lost"))


def written(task: str) -> Place:
    """Where a task stands in the job file."""
    return Place(f"{task}.yaml", 7, 3)


def test_what_failed_without_a_place_is_annotated_where_it_stands() -> None:
    """A time limit, a process that was killed: nothing was raised in Python."""
    late = TaskReport("late", "Load", S.FAILED, outcome=Outcome.failed("took longer than 1 s", Reason.TIMED_OUT))

    assert failures(report_of(late), written) == [
        "::error file=late.yaml,line=7,col=3,title=task late::took longer than 1 s"
    ]


def test_failures_are_annotations_of_files() -> None:
    """At the line that raised; what would end a property or a line is escaped."""
    (line,) = failures(FAILED, written)

    assert line.startswith("::error file=")
    assert line.endswith(",line=3,title=task bad|<b>@all::ValueError: <no> & 100%25 *rows*")
    assert annotation("error", "a:b,c\n", "x\n::warning::y", Place("")) == "::error title=a%3Ab%2Cc ::x ::warning::y"
    assert fold("of\na", "  | x") == "::group::of a\n  | x\n::endgroup::"


def test_files_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    """With their directories; the summary of a CI job may have been begun by somebody else."""
    begun = tmp_path / "begun.md"
    begun.write_text("before\n")

    said = write_report_files(
        FAILED, junit=tmp_path / "new" / "junit.xml", summary=tmp_path / "new.md", append=str(begun)
    )

    assert said == []
    assert (tmp_path / "new" / "junit.xml").read_text() == junit(FAILED)
    assert (tmp_path / "new.md").read_text() == markdown(FAILED)
    assert begun.read_text() == "before\n" + markdown(FAILED)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """And nothing is raised: how the job went is decided."""
    (tmp_path / "file").touch()

    said = write_report_files(FAILED, junit=tmp_path / "file" / "junit.xml", summary=None, append=None)

    assert said == [f"{tmp_path / 'file' / 'junit.xml'} cannot be written: File exists"]


FAMILIES = report_of(
    TaskReport("g", "", S.COMPLETED, kind="group"),
    TaskReport("g/a", "Load", S.FAILED, attempts=1, is_allowed=True, outcome=RAISED),
    TaskReport("load", "Load", S.COMPLETED, kind="items", items={S.COMPLETED: 99, S.FAILED: 1}),
    TaskReport("load[7]", "Load", S.FAILED, attempts=1, is_allowed=True, outcome=RAISED, kind="item"),
    TaskReport("left", "Load", S.SKIP, left_out_because="when `vars.full` is false"),
)


def test_groups_are_no_cases_and_allowed_failures_are_none() -> None:
    """What is allowed to fail does not turn a build red; what is left out says why."""
    suite = ElementTree.fromstring(junit(FAMILIES))[0]

    assert [suite.get(key) for key in ("tests", "failures", "skipped")] == ["4", "0", "3"]
    cases = {case.get("name"): case for case in suite}
    assert (cases["left"][0].get("message")) == "when `vars.full` is false"
    assert (cases["load[7]"][0].tag, cases["load[7]"].find("failure")) == ("skipped", None)
    assert failures(FAMILIES, written) == []
    text = markdown(FAMILIES)
    assert "| g |" not in text
    assert "100 items" in text
