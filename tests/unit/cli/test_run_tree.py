"""A run that is kept, as a tree."""

from __future__ import annotations

from flowrun.checkpointer.checkpointer import CheckpointContents
from flowrun.cli.run_tree import RunTree


def kept(*, items: int = 2) -> CheckpointContents:
    """A run with a group and a fan."""
    names = ["load", "etl", "etl/a", "fan"]
    return CheckpointContents(
        name="job",
        states={
            "C": {"load", "etl/a", *(f"fan[{number:02}]" for number in range(1, items))},
            "F": {"etl", "fan", "fan[00]"},
            "_": {"etl/b/c"},
        },
        shared_dict={},
        digests={name: {} for name in names},
        attempts={"load": 3, "etl/a": 1},
    )


def test_members_and_items_stand_below_what_they_belong_to() -> None:
    """In the order of the job; a task that an unknown one added stands where its name says."""
    assert RunTree.of_checkpoint(kept()).text(has_symbols=True).split("\n") == [
        "  ✓ load     completed   3 attempts",
        "  ✗ etl      failed",
        "    ✓ a      completed",
        "    ○ b/c    not started",
        "  ✗ fan      failed",
        "    ✓ [01]   completed",
        "    ✗ [00]   failed",
    ]


def test_of_many_items_those_are_shown_that_did_not_complete() -> None:
    """A hundred thousand lines help nobody; without symbols there are still words."""
    lines = RunTree.of_checkpoint(kept(items=1000)).text(has_symbols=False).split("\n")

    assert [line.split() for line in lines[-2:]] == [["[00]", "failed"], ["…", "and", "999", "more"]]
