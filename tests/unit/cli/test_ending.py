"""The block at the end of a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.cli.ending import EndingText
from flowrun.engine.report import Ending, Report, TaskReport
from flowrun.eventbus.execution import ExecutionState

S = ExecutionState


def report_of(*tasks: TaskReport, **more: Any) -> Report:
    """The report of a run that took 161 seconds."""
    values = {"job_name": "nightly", "run_id": "7f3a", "started": datetime.now(UTC), "seconds": 161.0, **more}
    return Report(tasks={task.name: task for task in tasks}, **values)


def text_of(report: Report, *, has_symbols: bool = True, show_logs: bool = True, width: int = 0) -> str:
    """The block without colours."""
    return EndingText(
        paint=lambda text, _colour: text,
        has_symbols=has_symbols,
        continue_with="flowrun -j jobs/nightly.yaml -r",
        show_logs=show_logs,
        width=width,
    ).write(report)


def done(name: str, **more: Any) -> TaskReport:
    return TaskReport(name, "Load", S.COMPLETED, attempts=1, **more)


def failed(name: str, outcome: Outcome, **more: Any) -> TaskReport:
    return TaskReport(name, "Load", S.FAILED, **{"attempts": 3, "max_attempts": 3, "outcome": outcome, **more})


def test_a_completed_run_is_one_line() -> None:
    """What went well needs few words."""
    assert text_of(report_of(done("a"), done("b", kept=True))) == (
        "✓ nightly completed in 2m 41s · 2 completed · 1 of them kept · run 7f3a"
    )


def test_what_was_kept_is_counted_beside_what_completed() -> None:
    """ "Of them" means the completed ones, whatever else is counted."""
    report = report_of(done("a", kept=True), TaskReport("b", "Load", S.ABORTED, attempts=1), ending=Ending.STOPPED)

    assert "· 1 completed · 1 of them kept · 1 interrupted ·" in text_of(report)


def test_without_unicode_there_are_words_only() -> None:
    """The same is said where signs cannot be written."""
    assert text_of(report_of(done("a")), has_symbols=False) == "nightly completed in 2m 41s, 1 completed, run 7f3a"


def test_a_failure_shows_cause_lines_output_and_the_way_on(tmp_path: Path) -> None:
    """Root cause with the user's lines, message, last output, what was held back, and the command that continues."""
    file = tmp_path / "warehouse.py"
    file.write_text("def run(self):\n    with self.connect() as db:\n        db.copy(self.rows)\n")
    outcome = Outcome(Reason.RAISED, "UniqueViolation: duplicate key", place=(str(file), 3))
    lines = ("copied 41,000 rows", "Traceback (most recent call last):", '  File "x"')

    text = text_of(
        report_of(
            done("extract"),
            failed("load", outcome, ended_at=2.0, last_lines=lines),
            failed("audit", Outcome.failed("later"), ended_at=3.0),
            TaskReport("publish", "Publish", S.DEFAULTED, held_back_by="load"),
            TaskReport("transform", "Transform", S.ABORTED, attempts=1),
            TaskReport("report", "Report", S.ABORTED),
        )
    )

    assert text.splitlines() == [
        "✗ nightly failed in 2m 41s · 1 completed · 2 failed · 1 blocked · 1 interrupted · 1 not started · run 7f3a",
        "",
        "  root cause   load   attempt 3 of 3   raised",
        f"  ┌ {file}:3  Load",
        "  │     1 │ def run(self):",
        "  │     2 │     with self.connect() as db:",
        "  │     3 │         db.copy(self.rows)",
        "  └ UniqueViolation: duplicate key",
        "  last output",
        "    | copied 41,000 rows",
        "  also failed  audit: later",
        "  blocked      publish",
        "  interrupted  transform   (stopped by us, not the cause)",
        "  not started  report",
        "",
        "  continue     flowrun -j jobs/nightly.yaml -r 7f3a     (5 to run, 1 kept)",
    ]


def test_the_end_of_a_long_traceback_is_no_output() -> None:
    """Only the last lines are kept, and the traceback may have begun before them."""
    outcome = Outcome(Reason.RAISED, "JSONDecodeError: Expecting value")
    frame = ('  File "json/decoder.py", line 353, in raw_decode', "    obj, end = self.scan_once(s, idx)")

    plain = text_of(
        report_of(failed("a", outcome, last_lines=(*frame, "json.decoder.JSONDecodeError: Expecting value")))
    )
    hook = text_of(report_of(failed("a", outcome, last_lines=(*frame, f"json.{outcome.message}", "cleaned up"))))
    between = "The above exception was the direct cause of the following exception:"
    chained = text_of(
        report_of(failed("a", outcome, last_lines=(*frame, between, "", "Traceback (most recent call last):")))
    )

    assert "last output" not in plain + chained
    assert [line for line in hook.splitlines() if "| " in line] == ["    | cleaned up"]


def test_output_can_be_left_out() -> None:
    """`--show-logs none`."""
    report = report_of(failed("load", Outcome.failed("x"), last_lines=("said",)))

    assert "| said" in text_of(report)
    assert "| said" not in text_of(report, show_logs=False)


@pytest.mark.parametrize(
    ("more", "headline"),
    [
        ({"ending": Ending.STOPPED, "signal": 15}, "✗ nightly stopped by SIGTERM after 2m 41s"),
        ({"ending": Ending.STOPPED}, "✗ nightly stopped after 2m 41s"),
        ({"ending": Ending.DEADLINE}, "✗ nightly stopped at its deadline after 2m 41s"),
        ({"ending": Ending.FAIL_FAST}, "✗ nightly failed in 2m 41s"),
        (
            {"ending": Ending.STATE_LOST, "error": "no space"},
            "✗ nightly stopped after 2m 41s: its state cannot be kept",
        ),
    ],
)
def test_each_ending_has_its_words(more: dict[str, Any], headline: str) -> None:
    """Why the job is over stands in the first line."""
    text = text_of(report_of(TaskReport("a", "Load", S.ABORTED, attempts=1), **more))

    assert text.startswith(headline)
    assert ("no space" in text) == ("error" in more)


def test_a_task_that_was_lost_has_no_outcome() -> None:
    """A task that may run only once and was cut off before is the cause without an attempt."""
    assert "may run only once" in text_of(report_of(TaskReport("a", "Load", S.FAILED)))


def test_notices_follow() -> None:
    """Plugins that were cut off are named, after success too."""
    text = text_of(report_of(done("a"), notices=("logger 'p' was cut off: \x1bError",)))

    assert text.splitlines()[1] == "  notice       logger 'p' was cut off: \\x1bError"


def test_nothing_of_a_task_reaches_the_terminal_raw() -> None:
    """Names, messages, output: all of it is foreign text. O-05"""
    evil = "\x1b]0;pwned\x07\x9b31m"
    report = report_of(failed(evil, Outcome.failed(evil), last_lines=(evil,)), job_name=evil, notices=(evil,))

    assert not {"\x1b", "\x07", "\x9b"} & set(text_of(report))


def test_the_full_log_is_named_if_there_is_one(tmp_path: Path) -> None:
    """Of the task that is the cause, as its report names it."""
    log = tmp_path / "load.log"

    assert f"  full log     {log}" in text_of(report_of(failed("load", Outcome.failed("x"), log=log), done("extract")))
    assert "full log" not in text_of(report_of(failed("load", Outcome.failed("x")), done("extract", log=log)))


def test_more_failures_than_fit_are_listed() -> None:
    """The first ones with their messages, the others by name, and no more names than can be read."""
    cause = failed("cause", Outcome.failed("first"), ended_at=1.0)
    others = [failed(f"t{number}", Outcome.failed("later"), ended_at=2.0) for number in range(20)]

    lines = [line for line in text_of(report_of(cause, *others)).splitlines() if "also failed" in line]

    assert lines[4:] == ["  also failed  t4: later", "  also failed  t5, t6, t7, t8, t9, t10, t11, t12 and 7 more"]


def test_more_questions_than_fit_are_listed() -> None:
    """A thousand tasks may wait for a person."""
    names = [f"t{number}" for number in range(1000)]
    tasks = (TaskReport(name, "Step", ExecutionState.ABORTED) for name in names)
    report = report_of(*tasks, ending=Ending.WAITING, postponed=dict.fromkeys(names, "Go?"))

    told = [line for line in text_of(report).splitlines() if line.startswith("  waits ")]

    assert told[4] == "  waits        t4, for an approval: Go?"
    assert len(told) == 6
    assert told[5].startswith("  waits        t5, t6, ")


@pytest.mark.parametrize("width", [40, 80])
def test_on_a_terminal_lines_end_with_a_word(width: int) -> None:
    """All but those that are to be copied, which are whole."""
    message = "UniqueViolation: duplicate key value violates a constraint of the table orders, and all was rolled back"
    report = report_of(
        failed("load", Outcome.failed(message), last_lines=(f"{message} was said",)),
        TaskReport("publish", "Publish", S.DEFAULTED),
        notices=(message,),
    )

    text = text_of(report, width=width)

    assert (
        f"  continue     flowrun -j jobs/nightly.yaml -r 7f3a{chr(10) + 15 * ' ' if width == 40 else 5 * ' '}(2" in text
    )
    assert all(len(line) <= width for line in text.splitlines() if "continue" not in line)
    assert " ".join(text.replace("|", " ").split()).count(message) == 3


def test_without_unicode_there_are_no_frames(tmp_path: Path) -> None:
    """Where signs cannot be written, lines of code stand between plain ones."""
    file = tmp_path / "a.py"
    file.write_text("boom()\n")
    outcome = Outcome(Reason.RAISED, "NameError", place=(str(file), 1))

    assert text_of(report_of(failed("a", outcome)), has_symbols=False).isascii()


LOAD = TaskReport("load", "Load", S.FAILED, kind="items", items={S.COMPLETED: 97, S.FAILED: 2, S.ABORTED: 1})
BAD_ITEM = TaskReport("load[7]", "Load", S.FAILED, attempts=1, ended_at=2.0, kind="item", outcome=Outcome.failed("x"))


def test_groups_and_tasks_with_items_are_not_counted_nor_to_blame() -> None:
    """Their members and items are."""
    group = TaskReport("etl", "", S.FAILED, ended_at=1.0, kind="group", outcome=Outcome.failed("1 of its 2 tasks"))
    text = text_of(report_of(group, done("etl/a"), LOAD, BAD_ITEM))

    assert "· 98 completed · 2 failed · 1 not started ·" in text
    assert "root cause   load[7]   attempt 1 of 1" in text
    assert "also failed" not in text
    assert "not started  load (1 of its items)" in text


def test_failures_that_are_allowed_are_told_as_such() -> None:
    """They are no failures of the job; a group that was held back stands for its members."""
    fan = TaskReport("load", "Load", S.COMPLETED, kind="items", items={S.COMPLETED: 9, S.FAILED: 1})
    allowed = TaskReport("load[7]", "Load", S.FAILED, attempts=1, is_allowed=True, kind="item")

    assert text_of(report_of(fan, allowed)) == (
        "✓ nightly completed in 2m 41s · 9 completed · 1 allowed to fail · run 7f3a"
    )
    blocked = (TaskReport("g", "", S.DEFAULTED, kind="group"), TaskReport("g/x", "Load", S.DEFAULTED))
    text = text_of(report_of(fan, allowed, failed("bad", Outcome.failed("no")), *blocked))
    assert "allowed      load[7]   (did not complete, and need not)" in text
    assert "· 9 completed · 1 failed · 1 blocked · 1 allowed to fail ·" in text
    assert "blocked      g\n" in text
    assert "(2 to run, 9 kept)" in text


def test_what_cleans_up_again_counts_as_to_run() -> None:
    """A restart runs it although it completed, and what comes after it; so the numbers are those of the plan."""
    tasks = (
        done("extract"),
        failed("load", Outcome.failed("no")),
        done("stop", cleans_up=True),
        done("tell"),
        done("other", cleans_up=True),
    )
    needs = {"load": ["extract"], "stop": ["load"], "tell": ["stop"], "other": ["extract"]}

    assert "(3 to run, 2 kept)" in text_of(report_of(*tasks, needs=needs))
