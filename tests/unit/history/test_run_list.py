"""Runs and jobs in the history: listed, named and summed up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowrun.errors import UsageError
from flowrun.history.reader import History

from .conftest import BEGAN, Written, failed, task


def test_runs_are_listed_page_by_page(written: Written, history: History) -> None:
    """The newest first; by job, state, time and label; a cursor leads on. PARITY FM-15"""
    for number in range(5):
        run = written(
            run=f"run{number}",
            job=f"job{number % 2}",
            began=BEGAN + timedelta(minutes=number),
            labels={"team": "ops", "number": str(number)},
        )
        run.end(1, "failed" if number == 3 else "completed")
    history.refresh()

    first = history.runs(limit=2)
    second = history.runs(limit=2, cursor=first.next)
    third = history.runs(limit=2, cursor=second.next)

    assert [[run.id for run in page.runs] for page in (first, second, third)] == [
        ["run4", "run3"],
        ["run2", "run1"],
        ["run0"],
    ]
    assert third.next is None
    assert [run.id for run in history.runs(job="job1").runs] == ["run3", "run1"]
    assert [run.id for run in history.runs(state="failed").runs] == ["run3"]
    assert [run.id for run in history.runs(since=BEGAN.timestamp() + 180).runs] == ["run4", "run3"]
    assert [run.id for run in history.runs(label="number=2").runs] == ["run2"]
    assert len(history.runs(label={"team": "ops"}).runs) == len(history.runs(label="team").runs) == 5
    with pytest.raises(UsageError, match="completed, failed, stopped, interrupted"):
        history.runs(state="broken")
    with pytest.raises(UsageError, match="is no cursor"):
        history.runs(cursor="x")


def test_a_run_is_named_by_its_beginning_or_by_what_it_is(written: Written, history: History) -> None:
    """Unique beginnings, @last, @last-good, @failed, of one job or of all; unknown names come with suggestions."""
    for number, (run, state) in enumerate([("aa11", "completed"), ("aa22", "failed"), ("bb33", "completed")]):
        began = BEGAN + timedelta(minutes=number)
        written(run=run, job="other" if run == "bb33" else "nightly", began=began).end(1, state)
    history.refresh()

    assert history.resolve("bb") == "bb33"
    assert history.resolve("aa11") == "aa11"
    assert history.resolve("@last") == history.resolve("@last-good") == "bb33"
    assert history.resolve("@failed") == history.resolve("@last", job="nightly") == "aa22"
    assert history.resolve("@last-good", job="nightly") == "aa11"
    for name, said in {
        "aa": "may be aa22, aa11: give more",
        "bb34": "did you mean bb33",
        "zz": "the newest are: bb33, aa22, aa11",
        "@lst": "did you mean @last",
        "nightly": "`flowrun runs --job nightly` lists its runs",
        "": "no run begins with ''",
        "%": "no run begins with '%'",
    }.items():
        with pytest.raises(UsageError, match=said):
            history.resolve(name)
    with pytest.raises(UsageError, match="no run that failed of job 'other'"):
        history.resolve("@failed", job="other")
    with pytest.raises(UsageError, match="no run is called 'aa'"):
        history.run("aa")
    with pytest.raises(UsageError, match="no task is named 'lod' in run aa11"):
        history.task("aa11", "lod")


def test_jobs_are_summed_up(written: Written, history: History) -> None:
    """How often, how well, how long usually; a curve has at most so many points. PARITY CF-61"""
    for number in range(6):
        run = written(run=f"run{number}", began=BEGAN + timedelta(minutes=number), tasks=[task("load")])
        run.performed(0, number + 1, "load", failed() if number == 5 else None)
        run.end(number + 1, "failed" if number == 5 else "completed")
    history.refresh()

    [summary] = history.jobs()

    assert (summary.job, summary.runs, summary.last_state, summary.usual_seconds) == ("nightly", 6, "failed", 3)
    assert summary.success_share == pytest.approx(5 / 6)
    assert [run.id for run in summary.recent][:2] == ["run5", "run4"]
    assert [point.seconds for point in history.trends("nightly", limit=3)] == [4, 5, 6]
    assert [(point.state, point.seconds) for point in history.trends("nightly", "load", limit=2)] == [
        ("COMPLETED", 5),
        ("FAILED", 6),
    ]
