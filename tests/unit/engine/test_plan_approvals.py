"""The plan of a job with tasks that a person has to approve."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrun.attempt import Outcome, Reason
from flowrun.engine.entry import Past
from flowrun.engine.instruction import Abort, Ask, Decide, Expand, Instruction, RetryAfter, Start
from flowrun.eventbus.execution import ExecutionState

from .plans import plan_of, started

S = ExecutionState
OK = Outcome.completed()
FAILED = Outcome.failed("no rows")
REJECTED = Outcome.failed("rejected by anna: not today", Reason.NOT_STARTED)
ASKS = {"approve": "Publish?"}


def test_a_task_starts_when_it_is_approved() -> None:
    """Until then it is PENDING, and others go on."""
    plan = plan_of({"load": {}, "publish": {**ASKS, "dependencies": ["load"]}, "other": {"dependencies": ["load"]}})
    plan.begin()

    assert plan.finished("load", OK) == [Ask("publish"), Start("other", 1)]
    assert plan.state("publish") is S.PENDING
    assert plan.is_asking("publish")
    assert started(plan.approved("publish")) == ["publish"]
    assert not plan.is_asking("publish")


def test_nobody_is_asked_before_the_task_is_due_or_if_its_condition_is_false() -> None:
    """A question about a task that would not run is a wrong question."""
    plan = plan_of({"a": {**ASKS, "when": "vars.x"}, "b": {**ASKS, "when": "vars.y"}})

    assert plan.begin() == [Decide("a"), Decide("b")]
    assert plan.decided("a", True) == [Ask("a")]
    assert plan.decided("b", False) == []
    assert plan.state("b") is S.SKIP


def test_an_approval_holds_for_all_attempts() -> None:
    """A retry does not ask again."""
    plan = plan_of({"a": {**ASKS, "max_attempts": 2}})
    plan.begin()
    plan.approved("a")

    assert plan.finished("a", FAILED) == [RetryAfter("a", 0.0)]
    assert plan.retry_due("a") == [Start("a", 2)]


def test_a_rejected_task_fails_without_a_retry() -> None:
    """What depends on it is held back, and what runs after failures runs."""
    plan = plan_of(
        {
            "a": {**ASKS, "max_attempts": 3},
            "b": {"dependencies": ["a"]},
            "alert": {"dependencies": ["a"], "run_if": "failure"},
        }
    )
    plan.begin()

    assert started(plan.refused("a", REJECTED)) == ["alert"]
    assert (plan.state("a"), plan.state("b")) == (S.FAILED, S.DEFAULTED)


def test_a_group_is_asked_for_once_as_a_whole() -> None:
    """Its members wait for it to open."""
    plan = plan_of({"g": ASKS, "g/x": {}, "g/y": {}}, members={"g": ("g/x", "g/y")})

    assert plan.begin() == [Ask("g")]
    assert started(plan.approved("g")) == ["g/x", "g/y"]


def test_a_rejected_group_takes_its_members_with_it() -> None:
    """None of them starts."""
    plan = plan_of({"g": ASKS, "g/x": {}, "after": {"dependencies": ["g"]}}, members={"g": ("g/x",)})
    plan.begin()
    plan.refused("g", REJECTED)

    assert plan.states() == {"g": S.FAILED, "g/x": S.DEFAULTED, "after": S.DEFAULTED}
    assert plan.is_finished


def test_a_task_with_items_is_asked_for_once_and_not_for_each_item() -> None:
    """Before the items are known."""
    plan = plan_of({"f": {**ASKS, "foreach": [1, 2]}})

    assert plan.begin() == [Ask("f")]
    assert plan.approved("f") == [Expand("f")]
    assert started(plan.expanded("f", ["1", "2"])) == ["f[1]", "f[2]"]


def test_nobody_is_asked_about_what_is_kept_or_left_out_or_was_approved() -> None:
    """A restart asks only where an answer is missing."""
    past = Past(completed={"kept"}, skipped={"left"}, approved={"again"})
    plan = plan_of({"kept": ASKS, "left": ASKS, "again": ASKS, "new": ASKS}, past=past)

    assert plan.begin() == [Ask("new"), Start("again", 1)]


def test_a_stopped_job_asks_nobody_and_aborts_what_waits() -> None:
    """Also what would clean up: nobody may be there to answer."""
    plan = plan_of({"run": {}, "a": ASKS, "end": {**ASKS, "dependencies": ["run"], "run_if": "always"}})
    plan.begin()
    plan.stop()

    assert plan.finished("run", Outcome.aborted()) == []
    assert (plan.state("a"), plan.state("end")) == (S.ABORTED, S.ABORTED)
    assert plan.approved("a") == []


def test_a_task_that_waits_while_it_cleans_up_is_aborted_when_the_job_stops() -> None:
    """It would hold the stop up for ever."""
    plan = plan_of({"run": {}, "end": {**ASKS, "run_if": "always"}})
    plan.begin()
    plan.stop()

    assert plan.state("end") is S.ABORTED


def test_a_task_that_waits_longer_than_the_run_is_aborted_and_has_not_failed() -> None:
    """The rest goes on to its end."""
    plan = plan_of({"a": ASKS, "b": {"dependencies": ["a"]}, "c": {}}, fail_fast=True)
    plan.begin()
    plan.postponed("a", REJECTED)

    assert (plan.state("a"), plan.state("b"), plan.state("c")) == (S.ABORTED, S.DEFAULTED, S.RUNNING)
    plan.finished("c", OK)
    assert plan.is_finished
    assert not plan.has_failed
    assert not plan.has_succeeded


def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    """A sibling had failed meanwhile, and the group stops then."""
    plan = plan_of({"g": {"on_failure": "stop"}, "g/x": {}, "g/y": ASKS}, members={"g": ("g/x", "g/y")})
    plan.begin()
    plan.finished("g/x", FAILED)

    assert not plan.is_asking("g/y")
    assert plan.approved("g/y") == []
    assert plan.state("g/y") is S.DEFAULTED


@given(st.data())
def test_every_job_ends_and_nothing_starts_unasked(data: st.DataObject) -> None:
    """Whatever is answered, fails or is stopped: each is asked at most once, and starts after that."""
    names = [f"t{number}" for number in range(data.draw(st.integers(1, 6)))]
    tasks = {
        name: {
            "dependencies": [other for other in names[:at] if data.draw(st.booleans())],
            "run_if": data.draw(st.sampled_from(["success", "success", "done", "always", "failure"])),
            **(ASKS if data.draw(st.booleans()) else {}),
        }
        for at, name in enumerate(names)
    }
    plan = plan_of(tasks, fail_fast=data.draw(st.booleans()))
    asked: list[str] = []
    approved: set[str] = set()
    running: set[str] = set()

    def follow(instructions: list[Instruction]) -> None:
        for one in instructions:
            if isinstance(one, Ask):
                asked.append(one.name)
            elif isinstance(one, Start):
                assert "approve" not in tasks[one.name] or one.name in approved
                running.add(one.name)
            else:
                assert isinstance(one, Abort)

    follow(plan.begin())
    while not plan.is_finished:
        waiting = [name for name in asked if plan.is_asking(name)]
        assert running or waiting
        name = data.draw(st.sampled_from(sorted({*running, *waiting})))
        if name in waiting:
            match data.draw(st.sampled_from(["yes", "no", "later"])):
                case "yes":
                    approved.add(name)
                    follow(plan.approved(name))
                case "no":
                    follow(plan.refused(name, REJECTED))
                case _:
                    follow(plan.postponed(name, REJECTED))
        else:
            running.discard(name)
            follow(plan.finished(name, data.draw(st.sampled_from([OK, FAILED, Outcome.aborted()]))))
        if data.draw(st.integers(0, 9)) == 0:
            follow(plan.stop())
    assert len(asked) == len(set(asked))
