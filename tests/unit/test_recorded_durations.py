"""Recorded durations: which attempts tell how long a task takes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowrun.attempt import Outcome
from flowrun.engine.report import AttemptReport, Report, TaskReport
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.places import Places
from flowrun.recorded_durations import keep_durations
from flowrun.usual import Usual
from flowrun.usual.samples import read_samples


def task(name: str, seconds: float = 1.0, state: S = S.COMPLETED, **more: Any) -> TaskReport:
    """A task with two attempts, of which the second took `seconds`."""
    attempts = (AttemptReport(1, S.FAILED, 0, 9.0), AttemptReport(2, state, 10.0, 10.0 + seconds))
    return TaskReport(name, "Load", state, attempts=2, **{"seconds": 10 + seconds, "attempt_reports": attempts, **more})


def kept(tmp_path: Path, *tasks: TaskReport) -> Usual:
    began = datetime(2026, 11, 21, tzinfo=UTC)
    keep_durations(Report("nightly", "r", began, 5.0, {one.name: one for one in tasks}), Places(tmp_path))
    return read_samples(Places(tmp_path).samples("nightly")).usual()


def test_the_attempt_that_completed_counts(tmp_path: Path) -> None:
    """Without those that failed before, and without pauses."""
    assert kept(tmp_path, task("load", 2.0), task("bad", 3.0, S.FAILED)).tasks == {"load": 2.0}


def test_what_was_not_performed_tells_nothing(tmp_path: Path) -> None:
    """It completed in an earlier run, or is up to date."""
    cached = Outcome.completed().but(is_cached=True)

    usual = kept(tmp_path, task("a", kept=True, attempt_reports=()), task("b", outcome=cached), task("c", 0.5))

    assert usual.tasks == {"c": 0.5}


def test_a_group_counts_if_nothing_of_it_is_missing(tmp_path: Path) -> None:
    """At any depth; a task with items, too."""
    usual = kept(
        tmp_path,
        task("whole", kind="group", seconds=4.0),
        task("whole/a", 3.0),
        task("part", kind="group", seconds=4.0),
        task("part/inner", kind="group", seconds=4.0),
        task("part/inner/a", kept=True, attempt_reports=()),
        task("each", kind="items", seconds=6.0, item_seconds=0.5),
        task("some", kind="items", seconds=6.0, items_kept=3, item_seconds=0.25),
    )

    assert usual.tasks == {"whole": 14.0, "whole/a": 3.0, "each": 16.0}
    assert usual.of("some[eu]") is None
    assert usual.of("each[eu]") == 0.5


def test_a_disk_that_is_full_is_no_error(tmp_path: Path) -> None:
    """The run that follows knows a little less."""
    (tmp_path / ".flowrun").write_text("no directory")

    assert not kept(tmp_path, task("load", 2.0))
