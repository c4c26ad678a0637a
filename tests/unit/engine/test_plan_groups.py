"""The plan with groups, fans, conditions, cleaning up, and tasks that add tasks."""

from __future__ import annotations

from typing import Any

from flowrun.attempt import Outcome
from flowrun.engine.entry import Added, Past
from flowrun.engine.instruction import Abort, Decide, Expand, Start
from flowrun.engine.plan import Plan
from flowrun.engine.slots import ALL, Admission
from flowrun.eventbus.execution import ExecutionState
from flowrun.jobdefinition.task_definition import TaskDefinition

from .plans import plan_of, started

S = ExecutionState
OK = Outcome.completed()
FAILED = Outcome.failed("no rows").but(error_types=("ValueError", "Exception"))


def after(*names: str, **keys: Any) -> dict[str, Any]:
    return {"dependencies": list(names), **keys}


def test_a_group_completes_when_its_members_have() -> None:
    """A dependency on a group means all of it, and the group waits for its own dependencies. PW-07, F2-05"""
    plan = plan_of({"a": {}, "g": after("a"), "g/x": {}, "g/y": {}, "b": after("g")}, members={"g": ("g/x", "g/y")})

    assert started(plan.begin()) == ["a"]
    assert sorted(started(plan.finished("a", OK))) == ["g/x", "g/y"]
    assert plan.state("g") is S.RUNNING
    assert started(plan.finished("g/x", OK)) == []
    assert started(plan.finished("g/y", OK)) == ["b"]
    assert plan.state("g") is S.COMPLETED


def test_an_empty_group_completes_at_once() -> None:
    """It succeeds. PW-07"""
    plan = plan_of({"g": {}, "b": after("g")}, members={"g": ()})

    assert started(plan.begin()) == ["b"]


def test_groups_nest() -> None:
    """A group in a group in a group: the outermost completes last. PW-07, F2-05"""
    plan = plan_of(
        {"g": {}, "g/h": {}, "g/h/i": {}, "g/h/i/x": {}, "b": after("g")},
        members={"g": ("g/h",), "g/h": ("g/h/i",), "g/h/i": ("g/h/i/x",)},
    )

    assert started(plan.begin()) == ["g/h/i/x"]
    assert started(plan.finished("g/h/i/x", OK)) == ["b"]


def test_a_serial_group_stops_at_the_first_failure_and_fails() -> None:
    """The rest does not start, and whoever waits for the group is held back. F2-03, X-F2-01, PW-09"""
    plan = plan_of(
        {"g": {"serial": {}}, "g/x": {}, "g/y": after("g/x"), "g/z": after("g/y"), "b": after("g")},
        members={"g": ("g/x", "g/y", "g/z")},
        follows={"g/y": "g/x", "g/z": "g/y"},
    )
    plan.begin()
    plan.finished("g/x", FAILED)

    assert plan.is_finished
    assert [plan.state(name) for name in ("g/y", "g/z", "g", "b")] == [S.DEFAULTED, S.DEFAULTED, S.FAILED, S.DEFAULTED]


def test_a_serial_group_that_continues_runs_the_rest_and_still_fails() -> None:
    """Choose per group: continue, or stop on failure. PW-09, F2-04"""
    plan = plan_of(
        {"g": {"serial": {}, "on_failure": "continue"}, "g/x": {}, "g/y": after("g/x")},
        members={"g": ("g/x", "g/y")},
        follows={"g/y": "g/x"},
    )
    plan.begin()

    assert started(plan.finished("g/x", FAILED)) == ["g/y"]
    plan.finished("g/y", OK)
    assert plan.state("g") is S.FAILED


def test_a_group_may_allow_failures() -> None:
    """The failed member stays failed, the group completes and its dependents go on. F2-04"""
    plan = plan_of(
        {"g": {"allow_failures": "50%"}, "g/x": {}, "g/y": {}, "b": after("g")}, members={"g": ("g/x", "g/y")}
    )
    plan.begin()
    plan.finished("g/x", FAILED)

    assert started(plan.finished("g/y", OK)) == ["b"]
    assert plan.state("g/x") is S.FAILED
    assert plan.state("g") is S.COMPLETED


def test_a_parallel_group_that_stops_starts_nothing_more() -> None:
    """What runs is left to end. PW-09"""
    plan = plan_of(
        {"g": {"on_failure": "stop"}, "g/x": {}, "g/y": {}, "g/z": {}},
        members={"g": ("g/x", "g/y", "g/z")},
        admission=Admission({ALL: 2}),
    )
    assert started(plan.begin()) == ["g/x", "g/y"]

    assert started(plan.finished("g/x", FAILED)) == []
    assert plan.state("g/z") is S.DEFAULTED
    plan.finished("g/y", OK)
    assert plan.state("g") is S.FAILED


def test_a_member_can_leave_out_the_rest_of_its_group() -> None:
    """Later steps do not run; the group completes. PW-04"""
    plan = plan_of(
        {"g": {"serial": {}}, "g/x": {}, "g/y": after("g/x"), "b": after("g")},
        members={"g": ("g/x", "g/y")},
        follows={"g/y": "g/x"},
    )
    plan.begin()

    assert started(plan.finished("g/x", OK.but(leaves_out_rest=True))) == ["b"]
    assert plan.state("g/y") is S.SKIP


def test_a_condition_is_asked_for_when_the_task_is_due() -> None:
    """False: SKIP, and dependents go on as if it had completed."""
    plan = plan_of({"a": {}, "b": after("a", when="x"), "c": after("b"), "d": {"when": "y"}})

    assert plan.begin() == [Decide("d"), Start("a", 1)]
    assert plan.decided("d", True) == [Start("d", 1)]
    assert plan.finished("a", OK) == [Decide("b")]
    assert started(plan.decided("b", False)) == ["c"]
    assert plan.state("b") is S.SKIP


def test_a_group_that_is_left_out_takes_its_members_along() -> None:
    """Dependents of a member, too, go on as if it had completed. PW-03"""
    plan = plan_of(
        {"g": {"when": "x"}, "g/x": {}, "g/y": after("g/x"), "b": after("g/y")}, members={"g": ("g/x", "g/y")}
    )
    plan.begin()

    assert started(plan.decided("g", False)) == ["b"]
    assert plan.state("g/x") is S.SKIP


def test_a_task_for_failures_runs_only_after_one() -> None:
    """`run_if: failure` is left out if all completed."""
    tasks = {"a": {}, "alert": after("a", run_if="failure"), "b": after("alert")}
    good, bad = plan_of(tasks), plan_of(tasks)
    good.begin()
    bad.begin()

    assert started(good.finished("a", OK)) == ["b"]
    assert good.state("alert") is S.SKIP
    assert started(bad.finished("a", FAILED)) == ["alert"]


def test_a_cleanup_runs_after_a_failure_and_never_turns_the_run_green() -> None:
    """`run_if: done` and `always` wait until everything they depend on has ended."""
    plan = plan_of({"a": {}, "b": after("a"), "end": after("a", "b", run_if="always")})
    plan.begin()

    assert started(plan.finished("a", FAILED)) == ["end"]
    plan.finished("end", OK)
    assert plan.states() == {"a": S.FAILED, "b": S.DEFAULTED, "end": S.COMPLETED}


def test_a_cleanup_runs_when_the_job_is_stopped() -> None:
    """`always` starts when what it waits for was aborted, `done` does not; the second time everything ends."""
    tasks = {"a": {}, "b": after("a"), "end": after("a", "b", run_if="always"), "no": after("a", run_if="done")}
    plan = plan_of(tasks)
    plan.begin()

    assert plan.stop() == [Abort("a")]
    assert started(plan.finished("a", Outcome.aborted())) == ["end"]
    assert plan.state("no") is S.ABORTED
    assert plan.give_up() == [Abort("end")]
    plan.finished("end", Outcome.aborted())
    assert plan.is_finished


def test_a_task_starts_when_enough_of_its_dependencies_completed() -> None:
    """Continue after any two of three; the third is harmless. PW-53"""
    plan = plan_of({"a": {}, "b": {}, "c": {}, "d": after("a", "b", "c", min_completed=2)})
    plan.begin()
    plan.finished("a", FAILED)
    plan.finished("b", OK)

    assert started(plan.finished("c", OK)) == ["d"]
    held = plan_of({"a": {}, "b": {}, "d": after("a", "b", min_completed=2)})
    held.begin()
    held.finished("a", FAILED)
    assert held.state("d") is S.DEFAULTED


def test_a_fan_performs_its_task_for_each_item() -> None:
    """Items are named `NAME[key]`; the fan completes with the last of them."""
    plan = plan_of({"f": {"foreach": [1]}, "b": after("f")})

    assert plan.begin() == [Expand("f")]
    assert started(plan.expanded("f", ["1", "2"])) == ["f[1]", "f[2]"]
    assert plan.item("f[2]") == ("f", 1)
    plan.finished("f[2]", OK)
    assert started(plan.finished("f[1]", OK)) == ["b"]
    assert plan.states() == {"f": S.COMPLETED, "f[1]": S.COMPLETED, "f[2]": S.COMPLETED, "b": S.RUNNING}


def test_a_fan_without_items_completes_at_once() -> None:
    """There is nothing to wait for."""
    plan = plan_of({"f": {"foreach": []}, "b": after("f")})
    plan.begin()

    assert started(plan.expanded("f", [])) == ["b"]


def test_only_items_under_way_have_an_entry() -> None:
    """A fan of 100,000 items with three at a time."""
    plan = plan_of({"f": {"foreach": [], "max_concurrency": 3}})
    plan.begin()
    running = started(plan.expanded("f", [str(number) for number in range(100_000)]))

    assert running == ["f[0]", "f[1]", "f[2]"]
    for number in range(50):
        assert started(plan.finished(f"f[{number}]", OK)) == [f"f[{number + 3}]"]
    assert len(plan._entries) == 4  # the promise is about memory


def test_items_that_completed_before_do_not_run_again() -> None:
    """Per-item restart; numbers of attempts go on."""
    plan = plan_of({"f": {"foreach": []}}, past=Past(completed={"f[a]", "f[c]"}, attempts={"f[b]": 2}))
    plan.begin()

    assert plan.expanded("f", ["a", "b", "c"]) == [Start("f[b]", 3)]
    plan.finished("f[b]", OK)
    assert plan.state("f") is S.COMPLETED


def test_a_fan_may_allow_failures() -> None:
    """One more than allowed fails it."""
    one, two = (plan_of({"f": {"foreach": []}}) for _ in range(2))
    for plan in (one, two):
        plan.begin()
        plan.expanded("f", ["a", "b", "c"], 1)
        plan.finished("f[a]", FAILED)
    one.finished("f[b]", OK)
    two.finished("f[b]", FAILED)
    for plan in (one, two):
        plan.finished("f[c]", OK)

    assert (one.state("f"), two.state("f")) == (S.COMPLETED, S.FAILED)


def test_a_stopped_fan_starts_no_further_items() -> None:
    """Those under way are aborted, the rest never starts."""
    plan = plan_of({"f": {"foreach": [], "max_concurrency": 1}})
    plan.begin()
    plan.expanded("f", ["a", "b", "c"])

    assert plan.stop() == [Abort("f[a]")]
    plan.finished("f[a]", Outcome.aborted())
    assert plan.is_finished
    assert set(plan.states().values()) == {S.ABORTED}


def test_added_tasks_run_before_what_waits_for_the_one_that_added_them() -> None:
    """They start when its attempt has completed. PW-02, PW-55"""
    plan = plan_of({"a": {}, "b": after("a")})
    plan.begin()
    added = [
        Added("a/x", TaskDefinition(variant="Any")),
        Added("a/y", TaskDefinition(variant="Any", depends_on=("a/x",))),
    ]

    assert started(plan.finished("a", OK, added)) == ["a/x"]
    assert plan.state("a") is S.COMPLETED
    assert started(plan.finished("a/x", OK)) == ["a/y"]
    assert started(plan.finished("a/y", OK)) == ["b"]


def test_a_failed_added_task_holds_back_what_waits_for_the_one_that_added_it() -> None:
    """The task that added it stays completed."""
    plan = plan_of({"g": {}, "g/a": {}, "b": after("g")}, members={"g": ("g/a",)})
    plan.begin()
    plan.finished("g/a", OK, [Added("g/a/x", TaskDefinition(variant="Any"))])
    plan.finished("g/a/x", FAILED)

    assert (plan.state("g/a"), plan.state("g"), plan.state("b")) == (S.COMPLETED, S.FAILED, S.DEFAULTED)
    assert plan.is_finished


def test_added_tasks_are_known_after_a_restart() -> None:
    """Those that completed stay so, the others run."""
    added = {"a": [Added("a/x", TaskDefinition(variant="Any")), Added("a/y", TaskDefinition(variant="Any"))]}
    plan = plan_of({"a": {}, "b": after("a")}, past=Past(completed={"a", "a/x"}, added=added))

    assert started(plan.begin()) == ["a/y"]
    assert started(plan.finished("a/y", OK)) == ["b"]


def test_a_group_that_cannot_start_takes_its_members_with_it() -> None:
    """Its condition cannot be worked out: nobody waits for ever."""
    plan = plan_of({"g": {"when": "x"}, "g/x": {}, "b": after("g")}, members={"g": ("g/x",)})
    plan.begin()
    plan.refused("g", FAILED)

    assert plan.states() == {"g": S.FAILED, "g/x": S.DEFAULTED, "b": S.DEFAULTED}


def test_a_serial_group_keeps_its_order_when_a_member_is_held_back() -> None:
    """What comes after that member does not start before what comes before it has ended."""
    plan = plan_of(
        {"a": {}, "g": {"serial": {}}, "g/x": {}, "g/y": after("g/x", "a"), "g/z": after("g/y", run_if="always")},
        members={"g": ("g/x", "g/y", "g/z")},
    )
    plan.begin()

    assert started(plan.finished("a", FAILED)) == []
    assert started(plan.finished("g/x", OK)) == ["g/z"]


def test_a_group_that_completed_with_members_left_out_is_not_asked_again() -> None:
    """Its condition held before; what it left out stays left out."""
    past = Past(completed={"g", "g/x"}, skipped={"g/y"})
    plan = plan_of(
        {"g": {"when": "x"}, "g/x": {}, "g/y": {}, "b": after("g")}, members={"g": ("g/x", "g/y")}, past=past
    )

    assert plan.begin() == [Start("b", 1)]
    assert plan.state("g/y") is S.SKIP


def reasons(plan: Plan) -> dict[str, str]:
    """Why tasks ended without being started."""
    moves = plan.take_moves()
    return {move.name: move.outcome.message for move in moves if move.outcome is not None and not move.attempt}


def test_what_is_left_out_says_why() -> None:
    """By its condition, because nothing failed, on request, with its group, or by another member."""
    plan = plan_of(
        {
            "a": {},
            "when": {"when": "${{ vars.full }}"},
            "g": {"when": "x > 1"},
            "g/x": {},
            "alert": after("a", run_if="failure"),
            "asked": {},
            "h": {"serial": {}},
            "h/x": {},
            "h/y": after("h/x"),
        },
        members={"g": ("g/x",), "h": ("h/x", "h/y")},
        past=Past(skipped={"asked"}),
    )
    plan.begin()
    for name in ("when", "g"):
        plan.decided(name, False)
    plan.finished("a", OK)
    plan.finished("h/x", OK.but(leaves_out_rest=True))

    assert reasons(plan) == {
        "asked": "left out on request",
        "when": "when `vars.full` is false",
        "g": "when `x > 1` is false",
        "g/x": "'g' is left out",
        "alert": "nothing failed",
        "h/y": "left out by 'h/x'",
    }


def test_members_of_a_group_that_is_held_back_name_the_cause() -> None:
    """The task that failed, not their group."""
    plan = plan_of({"a": {}, "g": after("a"), "g/x": {}}, members={"g": ("g/x",)})
    plan.begin()
    plan.finished("a", FAILED)

    assert plan.held_back_by("g/x") == "a"


def test_items_that_completed_before_stay_so_when_the_rest_does_not_start() -> None:
    """Whatever stands before them; their number is known at once."""
    plan = plan_of({"f": {"foreach": [1], "on_failure": "stop", "max_concurrency": 1}}, past=Past(completed={"f[c]"}))
    plan.begin()
    plan.expanded("f", ["a", "b", "c"])
    fan = plan.fan("f")
    assert fan is not None
    assert fan.kept == 1

    plan.finished("f[a]", FAILED)

    assert plan.states() == {"f": S.FAILED, "f[a]": S.FAILED, "f[b]": S.DEFAULTED, "f[c]": S.COMPLETED}
    assert fan.counts == {S.FAILED: 1, S.DEFAULTED: 1, S.COMPLETED: 1}
