"""News tells what has happened since a moment, all of it."""

from __future__ import annotations

from pathlib import Path

from flowrun.eventbus.execution import ExecutionState
from flowrun.history.database import Database
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


def test_who_looks_at_a_run_that_was_deleted_keeps_nothing_from_others(tmp_path: Path) -> None:
    """A page may stay open for days, and runs that were going on a moment ago may be deleted, too."""
    places, history = Places(tmp_path), History(tmp_path)
    old = WrittenRun(places, run="aaaa0001")
    new = WrittenRun(places, run="bbbb0002")
    news = News(history, history.refresh())
    old.end()
    news.look({old.run}, {old.run})
    with Database(places.database).writing() as connection:
        connection.execute("DELETE FROM runs WHERE id = ?", (old.run,))
    told: set[str] = set()
    for _ in range(12):
        new.performed(1, 2, "load")
        told |= news.look({old.run, new.run}, ()).tasks.keys()

    assert told == {new.run}
    history.close()
    new.vanish()


def test_nothing_is_kept_of_runs_that_nobody_watches_any_more(tmp_path: Path) -> None:
    """Whoever comes again has read how long the log is by now."""
    run, history = WrittenRun(Places(tmp_path)), History(tmp_path)
    log = tmp_path / "load.log"
    log.write_text("loading\n")
    run.positions.append(("load", 1, str(log), 0))
    run.book.write()
    news = News(history, history.refresh())
    news.look({run.run}, ())
    news.look((), ())
    log.write_text("loading\nloaded\n")

    assert news.look({run.run}, ()).logs == {}
    log.write_text("loading\nloaded\nover\n")
    assert news.look({run.run}, ()).logs == {run.run: {"run": run.run, "size": 20, "sizes": {"load": 20}}}
    history.close()
    run.vanish()
