"""The check of dependencies: unknown names and rings."""

from __future__ import annotations

from pathlib import Path

import pytest

from .sales import problem, problems_of


def test_an_unknown_dependency(root: Path) -> None:
    """Both names and the nearest task are told, at the entry of the list. FM-33, X-FM-03, B-02"""
    unknown = problem(
        root, "tasks:\n  first: {task: QuickSales}\n  second:\n    task: QuickSales\n    dependencies:\n      - frist\n"
    )

    assert (unknown.code, unknown.place.line, unknown.label) == ("FR302", 6, "did you mean `first`?")
    assert unknown.message == "task `second` depends on `frist`, but no task is named so"


def test_a_dependency_on_a_task_with_mistakes_is_no_mistake(root: Path) -> None:
    """A task that was left out because of its own problem is still there for others."""
    assert problems_of(root, "tasks:\n  a: {tsak: QuickSales}\n  b: {task: QuickSales, dependencies: [a]}\n") == [
        ("FR104", "2", "tasks.a.tsak")
    ]


def test_a_dependency_given_twice_is_accepted(root: Path) -> None:
    """It counts once. B-22"""
    assert (
        problems_of(root, "tasks:\n  a: {task: QuickSales}\n  b: {task: QuickSales, dependencies: [a, a, a]}\n") == []
    )


def test_a_task_that_depends_on_itself(root: Path) -> None:
    """It is refused at the entry of the list. FM-33, X-FM-03, B-01"""
    itself = problem(root, "tasks:\n  a:\n    task: QuickSales\n    dependencies: [a]\n")

    assert (itself.code, itself.message, itself.place.line) == ("FR301", "task `a` depends on itself", 4)


@pytest.mark.parametrize("size", [2, 3, 40])
def test_a_ring_is_printed_whole(root: Path, size: int) -> None:
    """Every task of the ring stands in the notes with its line. FM-33, X-FM-03, B-01"""
    lines = [f"  ring{n}: {{task: QuickSales, dependencies: [ring{(n + 1) % size}]}}\n" for n in range(size)]

    ring = problem(root, "tasks:\n" + "".join(lines))
    printed = " ".join(ring.notes)

    assert ring.code == "FR301"
    assert "cycle" in ring.message
    assert printed.startswith(f"ring0 ({root / 'job.yaml'}:2) → ring1 (:3) → ")
    assert all(f"ring{n} (" in printed for n in range(size))
    assert len(ring.notes) <= 5
    assert max(map(len, ring.notes)) <= 250


def test_a_very_long_ring_is_shortened(root: Path) -> None:
    """A ring of thousands says how many tasks are not printed, and stays short."""
    lines = [f"  ring{n}: {{task: QuickSales, dependencies: [ring{(n + 1) % 3000}]}}\n" for n in range(3000)]

    ring = problem(root, "tasks:\n" + "".join(lines))

    assert ring.message.startswith("3000 tasks wait for each other")
    assert ring.notes[-2].endswith(" more … → ring0")
    assert sum(map(len, ring.notes)) < 1300
