"""What people were asked about the tasks of a run, as the history tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import ApprovalEvent
from flowrun.eventbus.execution import ExecutionState as S
from flowrun.history.reader import History

from .conftest import BEGAN, Written, WrittenRun, task


def ask(run: WrittenRun, at: float, **more: Any) -> None:
    """Somebody is asked, or answers, so many seconds after the beginning."""
    when = run.began + timedelta(seconds=at)
    given = {"name": "publish", "run": run.run, "question": "Publish?", "since": when.isoformat(), **more}
    run.note(ApprovalEvent(**given, timestamp=when))


def test_a_task_that_waits_says_for_what(written: Written, history: History) -> None:
    """It is PENDING, and nobody has answered."""
    run = written(tasks=[task("load"), task("publish", "load")])
    ask(run, 5, until=(BEGAN + timedelta(hours=4)).isoformat(), otherwise="stop")
    history.refresh()
    load, publish = history.tasks(run.run)

    assert (load.approval, load.why) == (None, "")
    assert (publish.state, publish.why) == ("PENDING", "waits for an approval: Publish?")
    assert publish.record()["approval"] == {
        "question": "Publish?",
        "since": "2026-11-21T02:00:05.000+00:00",
        "until": "2026-11-21T06:00:00.000+00:00",
        "otherwise": "stop",
        "answer": None,
        "by": "",
        "at": None,
        "comment": "",
    }


def test_the_answer_stays_with_the_task(written: Written, history: History) -> None:
    """Who, when and why, also when the task has run since."""
    run = written(tasks=[task("publish")])
    ask(run, 5)
    ask(run, 65, answer="approved", by="anna", comment="go")
    run.performed(65, 70, "publish")
    run.end()
    history.refresh()
    (publish,) = history.tasks(run.run)
    asked, answered = [event for event in history.events(run.run) if event.kind == "approval"]

    assert publish.approval is not None
    assert publish.approval.told == "approved by anna: go"
    assert publish.approval.at == BEGAN.timestamp() + 65
    assert (publish.state, publish.why) == ("COMPLETED", "")
    assert asked.detail["question"] == answered.detail["question"] == "Publish?"


def test_a_rejection_is_the_reason_of_the_failure(written: Written, history: History) -> None:
    """There is no attempt."""
    run = written(tasks=[task("publish")])
    ask(run, 5)
    ask(run, 6, answer="rejected", by="anna")
    run.move(6, "publish", S.PENDING, S.RUNNING, 0)
    run.move(6, "publish", S.RUNNING, S.FAILED, 0, Outcome.failed("rejected by anna", Reason.NOT_STARTED))
    history.refresh()
    (publish,) = history.tasks(run.run)

    assert (publish.state, publish.why, publish.attempts) == ("FAILED", "rejected by anna", 0)
    assert history.attempts(run.run) == []


def test_a_question_of_an_earlier_start_is_not_asked_until_it_is_asked_again(
    written: Written, history: History
) -> None:
    """An answer stays, whatever starts later."""
    first = written(tasks=[task("publish"), task("send")])
    ask(first, 5)
    ask(first, 5, name="send")
    ask(first, 6, name="send", answer="approved")
    first.vanish()
    history.refresh()
    assert [row.approval is not None for row in history.tasks(first.run)] == [True, True]

    again = written(tasks=[task("publish"), task("send")], began=BEGAN + timedelta(minutes=10))
    history.refresh()
    assert [row.approval is not None for row in history.tasks(again.run)] == [False, True]

    ask(again, 1)
    history.refresh()
    assert [row.approval is not None for row in history.tasks(again.run)] == [True, True]
