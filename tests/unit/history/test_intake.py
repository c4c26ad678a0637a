"""What runs have written is taken into the database, whatever it is."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.places import Places
from flowrun.history.reader import History

from .conftest import WrittenRun, failed


def test_names_of_files_that_are_no_text_hinder_nobody(written: Callable[..., WrittenRun], history: History) -> None:
    """Half of a surrogate pair, as Python has it for them, is shown in letters; no other run is hidden by it."""
    run = written(job="strange \udcff 😀", labels={"file": "\udcfe"})
    run.move(1, "load[\udcff]", S.PENDING, S.RUNNING)
    run.move(2, "load[\udcff]", S.RUNNING, S.FAILED, 1, failed("cannot read a\udcff.csv"))
    run.end(state="failed", message="cannot read a\udcff.csv")
    history.refresh()

    (row,) = history.runs().runs
    (item,) = history.tasks(row.id)

    assert (row.job, row.message, row.labels) == ("strange \\udcff 😀", "cannot read a\\udcff.csv", {"file": "\\udcfe"})
    assert (item.name, item.why) == ("load[\\udcff]", "cannot read a\\udcff.csv")


def test_readers_at_the_same_moment_do_not_take_each_other_for_the_run(
    written: Callable[..., WrittenRun], history: History, tmp_path: Path
) -> None:
    """A run whose process is gone is gone for each of them."""
    run = written()
    run.move(1, "load", S.PENDING, S.RUNNING)
    run.vanish()
    (spool,) = Places(tmp_path).spool.iterdir()
    with spool.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        history.refresh()

    assert history.run(run.run).state == "interrupted"
