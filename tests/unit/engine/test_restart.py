"""Restart plan: what a run will do that continues nothing, and which tasks are asked for."""

from __future__ import annotations

import pytest

from flowrun.engine.graph import Graph
from flowrun.engine.restart import plan_fresh
from flowrun.engine.selection import Selection

from .plans import CHAIN, verbs


def test_a_fresh_run_runs_everything() -> None:
    """Nothing is continued: no task is restarted or kept."""
    plan = plan_fresh("12ab", Graph(CHAIN), Selection())

    assert verbs(plan) == "a=run b=run c=run d=run"
    assert (plan.is_restart, plan.restarted, plan.past.completed) == (False, frozenset(), frozenset())


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"skip": ("b",)}, "a=run b=skip c=run d=run"),
        ({"run_to": ("b",)}, "a=run b=run c=skip d=skip"),
        ({"run_from": ("c",)}, "a=skip b=skip c=run d=run"),
        ({"run_from": ("b",), "run_to": ("c",)}, "a=skip b=run c=run d=skip"),
        ({"only": ("c",)}, "a=skip b=skip c=run d=skip"),
        ({"start_from": ("c",)}, "a=skip b=skip c=run d=run"),
        ({"downstream": ("b",)}, "a=skip b=skip c=run d=run"),
        ({"mark_completed": ("b",)}, "a=run b=keep c=run d=run"),
    ],
)
def test_a_selection_in_a_fresh_run(selection: dict[str, tuple[str, ...]], expected: str) -> None:
    """What is not asked for is left out. FM-06, FM-07, FM-08, X-FM-02"""
    assert verbs(plan_fresh("12ab", Graph(CHAIN), Selection(**selection))) == expected


def test_a_selection_knows_the_names_it_was_given() -> None:
    """So that unknown ones can be refused before anything starts. FM-06"""
    selection = Selection(only=("a",), start_from=("b",), downstream=("c",), mark_completed=("d",), skip=("e",))

    assert list(selection.names()) == ["a", "b", "c", "d", "e"]


def test_a_skipped_group_leaves_out_its_groups_too() -> None:
    """`skip` takes everything that is in it."""
    nested = Graph({"g": (), "g/h": (), "g/h/x": ()}, {"g": ("g/h",), "g/h": ("g/h/x",)})

    assert Selection(skip=("g",)).wanted(nested, is_restart=False) == set()


def test_what_is_said_of_a_group_is_said_of_its_members() -> None:
    """Marked as completed, all of it is."""
    groups = Graph({"g": (), "g/x": (), "b": ("g",)}, {"g": ("g/x",)})
    plan = plan_fresh("12ab", groups, Selection(mark_completed=("g",)))

    assert verbs(plan) == "g=keep g/x=keep b=run"
