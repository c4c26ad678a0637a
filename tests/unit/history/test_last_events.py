"""The last events of a run, for those who cannot show all."""

from __future__ import annotations

from datetime import timedelta

from flowrun.history.reader import History

from .conftest import BEGAN, Written, task


def test_the_last_events_say_how_many_were_before(written: Written, history: History) -> None:
    """In order, of one run."""
    run = written(tasks=[task("load")])
    other = written(run="7f3a0002", tasks=[task("load")], began=BEGAN + timedelta(seconds=60))
    run.performed(0, 1, "load")
    other.performed(0, 1, "load")
    run.end(2)
    history.refresh()

    found, before = history.last_events(run.run, 2)

    assert ([event.kind for event in found], before) == (["moved", "ended"], 2)
    assert [event.run for event in history.last_events(other.run, 10)[0]] == [other.run] * 3
