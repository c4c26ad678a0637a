"""Who has yet to read which result."""

from __future__ import annotations

from collections.abc import Mapping

from flowrun.engine.graph import Graph
from flowrun.engine.readers import Readers
from flowrun.expressions.of_task import expressions_of
from flowrun.jobdefinition.flat import Flat
from flowrun.jobdefinition.task_definition import TaskDefinition


def readers_of(parameters: Mapping[str, str], members: Mapping[str, tuple[str, ...]] | None = None) -> Readers:
    """Those of tasks with one parameter each."""
    tasks = {
        name: TaskDefinition.model_validate({"task": "Any", "parameters": {"value": value} if value else {}})
        for name, value in parameters.items()
    }
    expressions = {name: found for name, task in tasks.items() if (found := expressions_of(task)) is not None}
    parents = {member: group for group, those in (members or {}).items() for member in those}
    graph = Graph(dict.fromkeys(tasks, ()), members or {})
    return Readers(expressions, graph, Flat(tasks, parents, dict(members or {})))


def test_a_result_is_let_go_with_its_last_reader() -> None:
    """Not before, and only once."""
    readers = readers_of({"a": "", "b": "${{ tasks.a.result }}", "c": "of ${{ tasks.a.result.size }}"})

    assert readers.wait_for("a")
    assert readers.ended("b") == []
    assert readers.ended("a") == []
    assert readers.ended("c") == ["a"]
    assert not readers.wait_for("a")
    assert readers.ended("c") == []


def test_nobody_waits_for_what_nobody_names() -> None:
    """The last of a chain returns something, too."""
    readers = readers_of({"a": "", "b": "${{ tasks.a.result }}"})

    assert not readers.wait_for("b")


def test_a_group_is_read_with_its_members() -> None:
    """Its result is made of theirs."""
    readers = readers_of({"etl": "", "etl/a": "", "end": "${{ tasks.etl.result.a }}"}, {"etl": ("etl/a",)})

    assert readers.wait_for("etl/a")
    assert sorted(readers.ended("end")) == ["etl", "etl/a"]


def test_what_a_reader_may_read_again_is_not_done_with() -> None:
    """One that did not complete is performed again when the run is continued."""
    readers = readers_of({"a": "", "b": "${{ tasks.a.result }}", "c": "${{ tasks.a.result }}"})

    assert not readers.are_done_with("a")
    readers.ended("b", has_completed=False)
    assert readers.ended("c") == ["a"]
    assert not readers.are_done_with("a")
