"""Takeover: what becomes of each task when a run is continued, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.checkpointer.checkpointer import CheckpointContents
from flowrun.engine.graph import Graph
from flowrun.engine.restart import RestartPlan
from flowrun.engine.selection import Selection
from flowrun.engine.takeover import plan_restart
from flowrun.engine.today import Today
from flowrun.jobdefinition.task_definition import TaskDefinition

from .plans import CHAIN, verbs


def restart(
    before: str,
    dependencies: Mapping[str, tuple[str, ...]] = CHAIN,
    *,
    digests: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]] = ({}, {}),
    keys: Mapping[str, Mapping[str, Any]] | None = None,
    rerun_changed: bool = False,
    outliving: tuple[str, ...] = (),
    without_result: tuple[str, ...] = (),
    **selection: tuple[str, ...],
) -> RestartPlan:
    """The plan after a run whose tasks stood as `a=C b=F`; `digests` are those of then and of now."""
    states: dict[str, set[str]] = {}
    for pair in before.split():
        name, _, letter = pair.partition("=")
        states.setdefault(letter, set()).add(name)
    contents = CheckpointContents(
        "job", states, {}, run_id="12ab", digests=digests[0], attempts={"b": 2}, started="then"
    )
    tasks = {
        name: TaskDefinition.model_validate({"task": "Any", "dependencies": list(named), **(keys or {}).get(name, {})})
        for name, named in dependencies.items()
    }
    now = {name: digests[1].get(name, {}) for name in tasks}
    return plan_restart(
        contents,
        Today(tasks, Graph(dependencies), now, outliving),
        Selection(**selection),
        rerun_changed=rerun_changed,
        without_result=without_result,
    )


def why(plan: RestartPlan, task: str) -> str:
    return next(row.why for row in plan.rows if row.task == task)


def test_completed_tasks_are_kept_and_the_rest_runs() -> None:
    """Each state of the run that is continued has its consequence. FM-74"""
    states = {"done": "C", "bad": "F", "cut": "R", "held": "D", "stopped": "A", "waited": "P", "left": "S"}
    plan = restart(" ".join(f"{name}={letter}" for name, letter in states.items()), dict.fromkeys(states, ()))

    assert verbs(plan) == ("done=keep bad=rerun cut=rerun held=rerun stopped=rerun waited=run left=skip")
    assert plan.past.completed == {"done"}
    assert [why(plan, name) for name in ("bad", "cut", "held", "stopped")] == [
        "failed",
        "was interrupted",
        "was blocked",
        "was stopped",
    ]


def test_only_failed_and_interrupted_tasks_are_restarted() -> None:
    """`on_restart` is for those that had begun and did not end well. FM-58, X-FM-23"""
    assert restart("a=C b=F c=D d=P").restarted == {"b"}
    assert restart("a=C b=R c=A d=D").restarted == {"b"}


def test_the_run_goes_on_under_its_id() -> None:
    """The id, the time at which it began and the numbers of attempts are taken over."""
    plan = restart("a=C b=F c=D d=D")

    assert (plan.run_id, plan.started, plan.past.attempts) == ("12ab", "then", {"b": 2})


def test_added_and_removed_tasks_are_named() -> None:
    """A new task runs, one that is gone is told, and neither is an error. FM-75, X-FM-14"""
    plan = restart("a=C old=C", {"a": (), "new": ("a",)})

    assert verbs(plan) == "a=keep new=new old=gone"


def test_a_task_that_runs_at_most_once_is_lost_after_a_cut() -> None:
    """It is not started a second time; one that had not begun runs."""
    keys = {"a": {"at_most_once": True}, "b": {"at_most_once": True}}
    plan = restart("a=R b=P", {"a": (), "b": ()}, keys=keys)

    assert verbs(plan) == "a=lost b=run"
    assert plan.past.lost == {"a"}


def test_a_task_whose_attempt_outlives_the_runner_is_not_lost() -> None:
    """It begins again under its number, so that the attempt is found; if it is asked for, under the next one."""
    keys = {"a": {"at_most_once": True}, "b": {"at_most_once": True}}
    plan = restart("a=C b=R", {"a": (), "b": ()}, keys=keys, outliving=("a", "b"))
    asked = restart("a=C b=R", {"a": (), "b": ()}, keys=keys, outliving=("a", "b"), only=("b",))

    assert (verbs(plan), verbs(asked)) == ("a=keep b=find", "a=keep b=rerun")
    assert plan.rows[1].why == "was cut off, and may still be under way"
    assert (plan.past.lost, plan.past.outlived, plan.past.attempts) == (frozenset(), {"b"}, {"b": 1})
    assert (asked.past.outlived, asked.past.attempts) == (frozenset(), {"b": 2})


def test_items_whose_attempts_outlive_the_runner_are_not_lost() -> None:
    """Each of them is looked for."""
    keys = {"f": {"foreach": [], "at_most_once": True}}
    plan = restart("f=R f[a]=C f[b]=R f[c]=F", {"f": ()}, keys=keys, outliving=("f",))

    assert (plan.past.completed, plan.past.lost) == ({"f[a]"}, frozenset())
    assert "f[b]" in plan.past.outlived
    assert plan.rows[0].why == "was interrupted; 1 of its items may still be under way"


def test_a_changed_definition_is_told_and_the_task_kept() -> None:
    """What finished stays finished; the plan says what is different. FM-75"""
    then = {"b": {"task": "Any", "parameters.day": "1", "parameters.same": "5"}}
    now = {"b": {"task": "Other", "parameters.day": "2", "parameters.same": "5"}}
    plan = restart("a=C b=C c=F d=D", digests=(then, now))

    assert verbs(plan) == "a=keep b=keep c=rerun d=rerun"
    assert why(plan, "b") == "although parameters changed: day and task changed"


def test_rerun_changed_runs_a_changed_task_and_what_follows() -> None:
    """On request a changed definition counts as not finished. FM-75"""
    then, now = {"b": {"parameters.day": "1"}}, {"b": {"parameters.day": "2"}}
    plan = restart("a=C b=C c=C d=F", digests=(then, now), rerun_changed=True)

    assert verbs(plan) == "a=keep b=rerun c=rerun d=rerun"
    assert why(plan, "b") == "parameters changed: day"
    assert why(plan, "c") == "depends on a task that changed"
    assert plan.restarted == {"d"}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"skip": ("b",)}, "a=keep b=skip c=rerun d=run"),
        ({"run_to": ("b",)}, "a=keep b=rerun c=skip d=skip"),
        ({"only": ("d",)}, "a=keep b=skip c=skip d=run"),
        ({"only": ("a",)}, "a=rerun b=skip c=skip d=skip"),
        ({"start_from": ("a",)}, "a=rerun b=rerun c=rerun d=run"),
        ({"downstream": ("a",)}, "a=keep b=rerun c=rerun d=run"),
        ({"mark_completed": ("b",)}, "a=keep b=keep c=rerun d=run"),
    ],
)
def test_a_selection_in_a_restart(selection: dict[str, tuple[str, ...]], expected: str) -> None:
    """What completed is kept unless it is asked for again. FM-06, FM-07, FM-08"""
    assert verbs(restart("a=C b=F c=D d=P", **selection)) == expected


@given(st.lists(st.sampled_from("CFRDAPS"), min_size=1, max_size=6), st.data())
def test_every_task_has_one_row_and_one_fate(letters: list[str], data: st.DataObject) -> None:
    """Whatever the states and the selection, only completed tasks are kept, and none is both kept and left out."""
    names = [f"t{number}" for number in range(len(letters))]
    some = st.lists(st.sampled_from(names), max_size=2).map(tuple)
    chosen = {key: data.draw(some) for key in ("only", "start_from", "downstream", "skip", "run_to", "run_from")}
    before = " ".join(f"{name}={letter}" for name, letter in zip(names, letters, strict=True))
    plan = restart(before, {name: tuple(names[max(0, n - 1) : n]) for n, name in enumerate(names)}, **chosen)

    assert [row.task for row in plan.rows] == names
    assert not set(plan.past.completed) & set(plan.past.skipped)
    assert all(letters[names.index(name)] == "C" for name in plan.past.completed)
    assert all(letters[names.index(name)] in "FR" for name in plan.restarted)


def test_an_explicit_request_stands_above_what_was_kept() -> None:
    """A task that was left out, or lost, runs if it is named."""
    keys = {"a": {"at_most_once": True}, "b": {}}
    plan = restart("a=R b=S", {"a": (), "b": ()}, keys=keys, start_from=("a", "b"))

    assert verbs(plan) == "a=rerun b=rerun"


def test_who_cleans_up_does_so_again() -> None:
    """A task that ran after a failure runs again with what had failed; one with nothing to clean up is kept."""
    keys = {"end": {"run_if": "always"}, "other": {"run_if": "done"}}
    plan = restart("a=C b=F end=C other=C", {"a": (), "b": ("a",), "end": ("b",), "other": ("a",)}, keys=keys)

    assert verbs(plan) == "a=keep b=rerun end=rerun other=keep"
    assert why(plan, "end") == "comes after tasks that run again"


def test_items_that_are_kept_are_counted() -> None:
    """Their task runs again for the others."""
    plan = restart("f=F f[1]=C f[2]=F f[3]=C", {"f": ()}, keys={"f": {"foreach": [1, 2, 3]}})

    assert [(row.task, row.verb, row.why, row.items_kept) for row in plan.rows] == [("f", "rerun", "failed", 2)]
    assert plan.past.completed == {"f[1]", "f[3]"}


FAN = {"f": {"foreach": []}}


def test_items_that_completed_are_kept_unless_the_fan_runs_anew() -> None:
    """Asked for, or changed and asked for: then every item runs again."""
    before = "f=F f[a]=C f[b]=F"
    changed = ({"f": {"items": "1"}}, {"f": {"items": "2"}})

    assert restart(before, {"f": ()}, keys=FAN).past.completed == {"f[a]"}
    assert restart(before, {"f": ()}, keys=FAN, start_from=("f",)).past.completed == set()
    assert restart(before, {"f": ()}, keys=FAN, digests=changed).past.completed == {"f[a]"}
    assert restart(before, {"f": ()}, keys=FAN, digests=changed, rerun_changed=True).past.completed == set()


def test_an_item_that_may_run_once_is_lost_and_the_others_run() -> None:
    """`at_most_once` is about each item."""
    plan = restart("f=R f[a]=C f[b]=R f[c]=F", {"f": ()}, keys={"f": {"foreach": [], "at_most_once": True}})

    assert verbs(plan) == "f=rerun"
    assert (plan.past.completed, plan.past.lost) == ({"f[a]"}, {"f[b]"})


def test_what_cleans_up_does_so_again_after_what_runs_again() -> None:
    """And what comes after it; but not if it may run once, and not if nothing before it runs."""
    dependencies = {"a": (), "b": (), "end": ("a",), "tell": ("end",), "once": ("a",), "other": ("b",)}
    always = {"run_if": "always"}
    keys = {"end": always, "once": {**always, "at_most_once": True}, "other": always}
    plan = restart("a=F b=C end=C tell=C once=C other=C", dependencies, keys=keys)

    assert verbs(plan) == "a=rerun b=keep end=rerun tell=rerun once=keep other=keep"


def test_what_kept_items_had_added_is_known() -> None:
    """It goes on where it stood, and what may run once does not start again."""
    records = {
        "f[a]": [
            {"name": "f[a]/x", "definition": {"task": "Any"}},
            {"name": "f[a]/y", "definition": {"task": "Any", "at_most_once": True}},
        ]
    }
    states = {"F": {"f", "f[a]/x"}, "C": {"f[a]"}, "R": {"f[a]/y"}}
    contents = CheckpointContents("job", states, {}, run_id="12ab", added=records)
    tasks = {"f": TaskDefinition.model_validate({"task": "Any", **FAN["f"]})}
    plan = plan_restart(contents, Today(tasks, Graph({"f": ()}), {"f": {}}), Selection())

    assert verbs(plan) == "f=rerun f[a]/x=rerun f[a]/y=lost"
    assert plan.added == records


def test_a_result_that_is_gone_is_made_again_for_those_who_need_it() -> None:
    """And what is needed for that in turn; not for a task that is kept or left out."""
    plan = restart("a=C b=C c=C d=F", without_result=("a", "b", "c"))
    assert verbs(plan) == "a=rerun b=rerun c=rerun d=rerun"
    assert why(plan, "a") == "its result stayed on a cluster, and is gone"
    assert plan.past.completed == frozenset()

    assert verbs(restart("a=C b=C c=C d=F", without_result=("a", "b"))) == "a=keep b=keep c=keep d=rerun"
    assert verbs(restart("a=C b=C c=C d=F", without_result=("c",), skip=("d",))) == "a=keep b=keep c=keep d=skip"


def test_items_whose_results_are_gone_are_performed_again() -> None:
    """These and no others, whether their fan had ended or not; all, if it is asked for."""
    fan = {"f": {"foreach": [1, 2, 3]}}
    tasks: dict[str, tuple[str, ...]] = {"f": (), "end": ("f",)}
    plan = restart("f=R f[1]=C f[2]=C f[3]=R end=P", tasks, keys=fan, without_result=("f[1]",))
    assert verbs(plan) == "f=rerun end=run"
    assert (plan.rows[0].items_kept, plan.past.completed) == (1, {"f[2]"})

    gone = ("f", "f[1]")
    plan = restart("f=C f[1]=C f[2]=C f[3]=C end=P", tasks, keys=fan, without_result=gone)
    assert verbs(plan) == "f=rerun end=run"
    assert (plan.rows[0].items_kept, plan.past.completed) == (2, {"f[2]", "f[3]"})

    plan = restart("f=C f[1]=C f[2]=C f[3]=C end=C", tasks, keys=fan, without_result=gone, start_from=("f",))
    assert (plan.rows[0].items_kept, plan.past.completed) == (0, frozenset())
