"""The plan of a run as a person reads it."""

from __future__ import annotations

from flowrun.cli.plan_text import plan_text
from flowrun.engine.restart import PlanRow, RestartPlan
from flowrun.jobdefinition.flat import flatten
from flowrun.jobdefinition.task_definition import TaskDefinition


def text_of(*rows: PlanRow, is_restart: bool = True) -> str:
    """The text without colours."""
    plan = RestartPlan("7f3a", rows, is_restart=is_restart, started="2026-11-21T02:03:00+00:00")
    return plan_text(plan, "jobs/nightly.yaml", lambda text, _colour: text)


def test_a_restart_says_what_it_will_do_and_why() -> None:
    """Keep, rerun, new and gone, each with its reason; the quiet ones first, in one line. FM-75"""
    text = text_of(
        PlanRow("extract", "keep"),
        PlanRow("load", "rerun", "failed"),
        PlanRow("archive", "keep"),
        PlanRow("report", "keep", "although parameters changed: recipients"),
        PlanRow("audit", "new", "added since"),
        PlanRow("legacy", "gone", "no longer defined; its values are dropped"),
    )

    assert text.startswith("restart of run 7f3a (started 2026-11-2")
    assert text.endswith(
        """ with jobs/nightly.yaml

  keep    extract, archive
  rerun   load   failed
  keep    report   although parameters changed: recipients
  new     audit   added since
  gone    legacy   no longer defined; its values are dropped

2 tasks to run, 3 kept"""
    )


def test_a_new_run_is_called_one() -> None:
    """There is nothing to keep in it."""
    assert text_of(PlanRow("a", "run"), is_restart=False).splitlines() == [
        "new run of jobs/nightly.yaml",
        "",
        "  run     a",
        "",
        "1 task to run, 0 kept",
    ]


def test_a_long_plan_is_cut() -> None:
    """Ten thousand tasks do not fill the screen."""
    rows = [PlanRow(f"t{number}", "rerun", f"reason {number}") for number in range(10_000)]

    assert len(text_of(*rows).splitlines()) < 60
    assert "10000 tasks to run" in text_of(*rows)


def test_a_start_that_is_no_time_is_shown_as_it_is() -> None:
    """A checkpoint of a user may hold anything."""
    plan = RestartPlan("7f3a", (), is_restart=True, started="a while ago\x1b")

    assert "(started a while ago\\x1b)" in plan_text(plan, "job.yaml", lambda text, _colour: text)


JOB = {
    "first": {"task": "T"},
    "etl": {
        "serial": {
            "extract": {"parallel": {"eu": {"task": "T"}, "us": {"task": "T"}}},
            "load": {"task": "T", "foreach": [1, 2, 3]},
        }
    },
    "alert": {"task": "T", "run_if": "failure", "when": "${{ vars.alert }}"},
}
FLAT = flatten({name: TaskDefinition.model_validate(keys) for name, keys in JOB.items()})


def lines_of(*rows: PlanRow) -> list[str]:
    """What is said of these tasks of the job."""
    plan = RestartPlan("7f3a", rows, is_restart=True)
    return plan_text(plan, "job.yaml", lambda text, _colour: text, flat=FLAT).split("\n")[2:]


def test_members_stand_below_their_group() -> None:
    """Under their short names; a group is a heading and not counted; items and conditions are told of."""
    assert lines_of(*(PlanRow(name, "run") for name in FLAT.tasks)) == [
        "  run     first",
        "          etl (serial)",
        "            extract (parallel)",
        "  run         eu, us",
        "  run       load   for each of 3 items",
        "  run     alert   when `vars.alert`; if something before it did not complete",
        "",
        "5 tasks to run, 0 kept",
    ]


def test_what_is_kept_or_left_out_as_a_whole_is_one_name() -> None:
    """Of a group that runs again, what is kept stands at the top under its full name."""
    assert lines_of(
        PlanRow("first", "keep"),
        PlanRow("etl", "rerun", "some of its tasks run again"),
        PlanRow("etl/extract", "keep"),
        PlanRow("etl/extract/eu", "keep"),
        PlanRow("etl/extract/us", "keep"),
        PlanRow("etl/load", "rerun", "failed", items_kept=2),
        PlanRow("alert", "skip", "left out on request"),
    ) == [
        "  keep    first, etl/extract",
        "          etl (serial)",
        "  rerun     load   failed; for each of 3 items, 2 of them kept",
        "  skip    alert   left out on request",
        "",
        "1 task to run, 3 kept",
    ]
    assert lines_of(*(PlanRow(name, "skip", "left out on request") for name in FLAT.tasks))[0] == (
        "  skip    first, etl (serial), alert   left out on request"
    )
