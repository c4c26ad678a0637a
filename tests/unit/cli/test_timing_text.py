"""Where the time of a run went, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from flowrun.cli.timing_text import timing_lines
from flowrun.engine.report import Report, TaskReport
from flowrun.eventbus.execution import ExecutionState


def report_of(needs: dict[str, tuple[str, ...]], seconds: dict[str, float]) -> Report:
    tasks = {
        name: TaskReport(name, "Any", ExecutionState.COMPLETED, attempts=1, seconds=took)
        for name, took in seconds.items()
    }
    return Report("job", "r", datetime(2026, 1, 1, tzinfo=UTC), 10.0, tasks, needs=needs)


def test_the_slowest_tasks_and_the_critical_path_are_named() -> None:
    """The path is the one whose tasks took longest together. AS-31"""
    needs = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}

    lines = timing_lines(report_of(needs, {"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.5}))

    assert lines == ["slowest: b 5.0s, c 2.0s, d 1.5s, a 1.0s", "critical path: a → b → d (7.5s of 10.0s)"]


def test_a_long_path_is_cut_in_the_middle() -> None:
    """Its begin and its end are shown."""
    names = [f"t{number}" for number in range(30)]
    needs = {name: tuple(names[max(0, number - 1) : number]) for number, name in enumerate(names)}

    path = timing_lines(report_of(needs, dict.fromkeys(names, 1.0)))[1]

    assert path.startswith("critical path: t0 → t1 → ")
    assert "→ 18 more →" in path
    assert path.endswith("→ t29 (30.0s of 10.0s)")


def test_one_task_needs_no_figures() -> None:
    """The headline has its time."""
    assert timing_lines(report_of({"a": ()}, {"a": 1.0})) == []
