"""News tells what has happened since a moment, all of it."""

from __future__ import annotations

from pathlib import Path

from flowrun.eventbus.execution import ExecutionState
from flowrun.history.places import Places
from flowrun.history.reader import History
from flowrun.web.news import News
from tests.unit.history.conftest import WrittenRun


def test_a_log_that_is_found_after_its_task_began_is_told(tmp_path: Path) -> None:
    """Where an attempt logs may be known a look later than that it began, and nothing else may happen for long."""
    run, history = WrittenRun(Places(tmp_path)), History(tmp_path)
    log = tmp_path / "load.log"
    news = News(history, history.refresh())
    run.move(1, "load", ExecutionState.PENDING, ExecutionState.RUNNING)
    first = news.look({run.run}, ())
    log.write_text("loading\n")
    run.positions.append(("load", 1, str(log), 0))
    run.book.write()

    found = news.look({run.run}, ())

    assert (first.tasks, first.logs) == ({run.run: {"load"}}, {})
    assert found.logs == {run.run: {"run": run.run, "size": 8, "sizes": {"load": 8}}}
    history.close()
    run.vanish()


def test_nothing_is_lost_before_the_first_look(tmp_path: Path) -> None:
    """Somebody was brought up to date; what others have taken in before it is looked for news is told, too."""
    run, history = WrittenRun(Places(tmp_path)), History(tmp_path)
    seq = history.refresh()
    run.performed(1, 2, "load")
    history.refresh()

    found = News(history, seq).look({run.run}, ())

    assert found.tasks == {run.run: {"load"}}
    history.close()
    run.vanish()
