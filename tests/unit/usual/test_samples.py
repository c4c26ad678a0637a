"""Samples: the durations that one run leaves for the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun.usual.samples import Samples, read_samples, write_samples


def test_the_median_of_the_last_ten_counts() -> None:
    """What is older is forgotten."""
    samples = Samples()
    for seconds in (100.0, 100.0, *map(float, range(1, 11))):
        samples = samples.with_run({"load": seconds}, {"each": seconds / 10}, ["load", "each"])

    assert samples.tasks["load"] == list(map(float, range(1, 11)))
    assert samples.usual().of("load") == 5.5


def test_a_task_that_did_not_complete_keeps_what_is_known() -> None:
    """And one that the job has no more is forgotten."""
    before = Samples({"load": [2.0], "old": [1.0]})

    after = before.with_run({"new": 4.0}, {}, ["load", "new"])

    assert after.tasks == {"load": [2.0], "new": [4.0]}
    assert after.usual().others == 3.0


def test_of_very_many_tasks_the_longest_are_told() -> None:
    """The others are known by their median together."""
    tasks = {f"t{number}": number / 1000 for number in range(3000)}

    samples = Samples().with_run(tasks, {"t0": 1.0, "t2999": 1.0}, tasks)

    assert (len(samples.tasks), min(samples.tasks, key=lambda name: tasks[name])) == (2000, "t1000")
    assert samples.usual().guess("t7") == pytest.approx(0.4995)
    assert list(samples.items) == ["t2999"]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """The file is private, and no draft stays."""
    path = tmp_path / "usual" / "nightly.json"
    samples = Samples({"load ✓": [1.5]}, {"each": [0.25]}, 0.5)

    write_samples(path, samples)

    assert read_samples(path) == samples
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["nightly.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"version": 2, "tasks": {"load": [1]}}',
        '{"version": 1, "tasks": [1], "items": 7, "others": true}',
        '{"version": 1, "tasks": {"a": [], "b": [-1], "c": [true], "d": "x", "e": [1, null], "f": [1e999]}}',
    ],
)
def test_a_damaged_file_tells_nothing(tmp_path: Path, text: str) -> None:
    """It is as if it were not there."""
    path = tmp_path / "nightly.json"
    path.write_text(text)

    assert read_samples(path) == read_samples(tmp_path / "missing.json") == Samples()


def test_of_a_file_with_a_damaged_entry_the_others_count(tmp_path: Path) -> None:
    path = tmp_path / "nightly.json"
    path.write_text(json.dumps({"version": 1, "tasks": {"bad": ["x"], "vast": [1e308], "good": [1, 2.5]}}))

    assert read_samples(path).tasks == {"good": [1, 2.5]}
