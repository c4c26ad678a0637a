"""Groups in the check: dependencies into, out of and around them, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.check import Checked, check
from flowrun.check.rings import ring_problem
from flowrun.discovery import discover
from flowrun.engine.graph import Graph
from flowrun.jobdefinition import Flat, JobDefinition, Origins, Outside, flatten, load

from .project import project_with

MODULE = """
from flowrun.task import Task, task


@task
class GroupStep(Task):
    size: int = 1

    def run(self) -> None: ...
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one class of tasks."""
    return project_with(tmp_path_factory.mktemp("project"), "steps.py", MODULE)


def checked(root: Path, text: str) -> Checked:
    """What is found in tasks that are written with `T` for the class."""
    (root / "job.yaml").write_text(
        "tasks:\n" + text.replace("T}", "task: GroupStep}").replace("T,", "task: GroupStep,")
    )
    return check(load(root / "job.yaml", Outside(root, {}, cwd=root)), discover(root))


def messages(root: Path, text: str) -> list[str]:
    return [f"{one.place.line}: {one.message}" for one in checked(root, text).problems]


def test_a_group_needs_no_class_and_its_members_do(root: Path) -> None:
    """Classes and executors are those of the members."""
    found = checked(
        root, "  etl: {serial: {a: {T}, b: {T, executor: thread}}}\n  end: {T, dependencies: [etl, etl/a]}\n"
    )

    assert found.problems == ()
    assert list(found.tasks) == ["etl/a", "etl/b", "end"]
    assert found.executor_of == {"etl/a": "process", "etl/b": "thread", "end": "process"}


def test_mistakes_in_members_are_those_of_any_task(root: Path) -> None:
    """Class, parameter, executor and pool, each at the nested place."""
    found = checked(
        root, "  etl:\n    parallel:\n      a: {task: GroupStop}\n      b: {T, executor: x, parameters: {size: s}}\n"
    )

    assert [(one.code, one.path) for one in found.problems] == [
        ("FR402", "tasks.etl.parallel.a.task"),
        ("FR404", "tasks.etl.parallel.b.executor"),
        ("FR207", "tasks.etl.parallel.b.parameters.size"),
    ]
    assert "task `etl/b`" in found.problems[2].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "  g: {serial: {a: {T, dependencies: [g]}}}\n",
            "2: task `g/a` depends on its own group `g`, which waits for it",
        ),
        (
            "  g: {dependencies: [g/a], serial: {a: {T}}}\n",
            "2: group `g` depends on its own member `g/a`, which starts only with it",
        ),
        (
            "  g: {parallel: {h: {dependencies: [h/a], parallel: {a: {T}}}}}\n",
            "2: group `g/h` depends on its own member `g/h/a`, which starts only with it",
        ),
        (
            "  g:\n    serial:\n      a: {T, dependencies: [c]}\n      b: {T}\n      c: {T}\n",
            "4: task `g/a` depends on `g/c`, which comes after it in the serial group `g`",
        ),
        ("  g: {parallel: {a: {T, dependencies: [a]}}}\n", "2: task `g/a` depends on itself"),
        (
            "  g: {serial: {a: {T, dependencies: [x]}}}\n  x: {T, dependencies: [g]}\n",
            "2: 3 tasks wait for each other in a cycle and none can start",
        ),
        (
            "  g: {dependencies: [x], serial: {a: {T}}}\n  x: {T, dependencies: [g/a]}\n",
            "2: 2 tasks wait for each other in a cycle and none can start",
        ),
    ],
)
def test_what_can_never_start_is_said_in_fitting_words(root: Path, text: str, message: str) -> None:
    """One problem for each ring, at the dependency that cannot be. PW-10, X-PW-05"""
    assert messages(root, text) == [message]


def test_a_ring_through_groups_is_shown_with_places(root: Path) -> None:
    """Also where a group waits for its member."""
    (problem,) = checked(root, "  g: {serial: {a: {T, dependencies: [x]}}}\n  x: {T, dependencies: [g]}\n").problems

    notes = tuple(note.replace(f"{root}/", "") for note in problem.notes)
    assert notes == ("g (job.yaml:2) → g/a (:2) → x (:3) → g", "remove one of these dependencies")


def test_a_task_between_two_members_is_no_ring(root: Path) -> None:
    """A group is not one thing: a task outside may stand between its members."""
    assert messages(root, "  g: {parallel: {a: {T}, b: {T, dependencies: [x]}}}\n  x: {T, dependencies: [g/a]}\n") == []


def nested(draw: st.DrawFn, depth: int, names: st.SearchStrategy[list[str]]) -> dict[str, Any]:
    tasks: dict[str, Any] = {}
    for short in draw(st.lists(st.sampled_from("abc"), unique=True, min_size=1, max_size=3)):
        tasks[short] = {"dependencies": draw(names)}
        if depth and draw(st.booleans()):
            tasks[short][draw(st.sampled_from(["serial", "parallel"]))] = nested(draw, depth - 1, names)
        else:
            tasks[short]["task"] = "T"
    return tasks


@st.composite
def nested_tasks(draw: st.DrawFn) -> dict[str, Any]:
    """Groups in groups, with dependencies all over."""
    names = st.lists(st.sampled_from(["a", "b", "c", "a/a", "a/b", "b/a/c"]), unique=True, max_size=2)
    return nested(draw, 2, names)


def all_end(flat: Flat) -> bool:
    """Whether every task ends if each starts as soon as it may: the rules of groups, spelled out."""
    started: set[str] = set()
    ended: set[str] = set()
    while True:
        before = len(started) + len(ended)
        for name, task in flat.tasks.items():
            parent = flat.parents.get(name)
            known = {one for one in task.depends_on if one in flat.tasks}
            if known <= ended and (parent is None or parent in started):
                started.add(name)
            if name in started and ended.issuperset(flat.members.get(name, ())):
                ended.add(name)
        if len(started) + len(ended) == before:
            return len(ended) == len(flat.tasks)


@given(nested_tasks())
def test_a_ring_is_found_exactly_where_tasks_would_wait_for_ever(tasks: dict[str, Any]) -> None:
    """No job that could run is refused, and none that could not is let pass. PW-10"""
    flat = flatten(JobDefinition.model_validate({"tasks": tasks}).tasks)

    rings = Graph(flat.waits()).cycles()

    assert all_end(flat) == (not rings)
    assert all(ring_problem(ring, flat, Origins()).message for ring in rings)


def test_an_unknown_name_is_looked_for_nearby(root: Path) -> None:
    """The members beside the task come first."""
    (problem,) = checked(root, "  g: {serial: {load: {T}, sum: {T, dependencies: [laod]}}}\n").problems

    assert (problem.code, problem.label) == ("FR302", "did you mean `load`?")
    assert problem.message == "task `g/sum` depends on `laod`, but no task is named so"


@pytest.mark.parametrize(
    "member",
    ["a: 3", "a: {task: GroupStep, timeout: x}", "a: {parallel: [1]}, b: {T, dependencies: [a/x]}"],
)
def test_mistakes_in_a_member_cause_no_others(root: Path, member: str) -> None:
    """What depends on it is not told that there is no such task."""
    found = checked(
        root, f"  g: {{serial: {{{member}, z: {{T, dependencies: [a]}}}}}}\n  y: {{T, dependencies: [g/a]}}\n"
    )

    assert [one.code for one in found.problems] == ["FR105"]


def test_a_result_that_is_used_is_more_than_the_order_of_a_group(root: Path) -> None:
    """Where a group goes on after a failure, a member that needs the result of the one before does not start. F2-03"""
    found = checked(
        root,
        "  g:\n    on_failure: continue\n    serial:\n      a: {T}\n      b: {T}\n"
        '      c: {T, parameters: {size: "${{ tasks.b.result }}"}}\n',
    )

    assert found.loaded.flat.follows == {"g/b": "g/a"}
    assert found.loaded.flat.tasks["g/c"].depends_on == ("g/b",)


def test_items_are_checked_where_they_are_written(root: Path) -> None:
    """A list, a mapping or an expression; the rest is refused with its place."""
    found = checked(
        root,
        "  a: {T, foreach: [1, 2], allow_failures: 5%}\n  b: {T, foreach: {file: x.csv, form: csv}}\n"
        "  c: {T, matrix: {os: linux}}\n  d: {T, foreach: {items: [{id: 1}, {id: 1}], key: id}}\n",
    )

    assert [(one.code, one.path, one.message) for one in found.problems] == [
        (
            "FR115",
            "tasks.b.foreach.form",
            "task `b`: `foreach`: `form` cannot stand beside `file`; allowed are: file, format, key",
        ),
        ("FR115", "tasks.c.matrix.os", "task `c`: `matrix`: the axis `os` must be a list of values"),
        ("FR115", "tasks.d.foreach.items[1]", "task `d`: `foreach`: items 1 and 2 have the same `id`: `1`"),
    ]
