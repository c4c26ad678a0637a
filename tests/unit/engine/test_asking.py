"""Asking: whether people are asked in a run, and what is left of it afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.approvals import Desk, Question
from flowrun.attempt import Reason
from flowrun.engine.asking import Asking
from flowrun.engine.inbox import Inbox
from flowrun.engine.instruction import Ask, Start
from flowrun.engine.plan import Plan
from flowrun.engine.surroundings import Surroundings
from flowrun.eventbus.execution import ExecutionState
from flowrun.testing.fake_clock import FakeClock

from .jobs import Heard, job_of

S = ExecutionState


class Play:
    """A run in which one task waits for a person, who says `answers` at once."""

    def __init__(self, root: Path, answers: dict[str, bool] | None = None) -> None:
        job = job_of(root, {"a": {"approve": "Publish?"}})
        self.inbox = Inbox()
        self.plan = Plan(job.tasks, job.graph)
        self.heard = Heard(self.plan)
        surroundings = Surroundings(FakeClock(), lambda: 0.5, answers)
        self.asking = Asking(job, self.plan, self.heard.announcer, self.inbox.put, surroundings, ())
        assert self.plan.begin() == [Ask("a")]


@pytest.mark.parametrize(("answers", "said"), [({}, "approved"), ({"a": True}, "approved"), ({"a": False}, "rejected")])
def test_an_answer_is_kept_before_the_world_hears_of_it(tmp_path: Path, answers: dict[str, bool], said: str) -> None:
    """And after the plan was told: it is kept with what follows."""
    play = Play(tmp_path, answers)
    play.asking.ask("a", "Publish?")
    instructions = play.inbox.empty()

    assert instructions == ([Start("a", 1)] if said == "approved" else [])
    assert play.plan.state("a") is (S.RUNNING if said == "approved" else S.FAILED)
    assert play.asking.records()["a"]["answer"] == said
    assert play.heard.events == []

    play.asking.kept()

    assert [(event.name, event.answer) for event in play.heard.events] == [("a", said)]
    assert play.asking.records() == {}


def test_who_is_rejected_has_not_started(tmp_path: Path) -> None:
    """That is what the outcome says."""
    play = Play(tmp_path, {"a": False})
    play.asking.ask("a", "Publish?")
    play.inbox.empty()
    outcome = play.plan.take_moves()[-1].outcome

    assert outcome is not None
    assert (outcome.reason, outcome.message) == (Reason.NOT_STARTED, "rejected")


def test_where_nobody_was_asked_there_is_nothing_to_keep(tmp_path: Path) -> None:
    """And nothing to fall silent."""
    asking = Play(tmp_path).asking
    asking.fall_silent()
    asking.kept()

    assert (asking.records(), asking.postponed) == ({}, {})


@pytest.mark.parametrize(
    ("is_over", "is_restart", "is_left"), [(True, True, False), (True, False, True), (False, True, True)]
)
def test_a_run_that_is_over_leaves_no_question_of_its_earlier_lives(
    tmp_path: Path, is_over: bool, is_restart: bool, is_left: bool
) -> None:
    """One that can be continued leaves them, and one that has no earlier life has none."""
    desk = Desk(tmp_path)
    desk.ask(Question("1", "12ab", "job", "a", "Publish?", 0.0))
    Play(tmp_path).asking.close(is_over=is_over, is_restart=is_restart)

    assert (desk.question("12ab", "a") is not None) is is_left
