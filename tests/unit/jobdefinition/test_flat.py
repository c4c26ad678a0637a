"""Groups made flat: full names, what names mean where, the order of serial groups, and variables."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.jobdefinition.flat import Flat, flatten
from flowrun.jobdefinition.model import JobDefinition
from flowrun.jobdefinition.yamlformat import YAMLJobDefinition

from .conftest import Project

NESTED: dict[str, Any] = {
    "first": {"task": "A"},
    "etl": {
        "depends_on": ["first"],
        "vars": {"depth": 1, "inside": True},
        "serial": {
            "a": {"task": "A"},
            "inner": {
                "vars": {"depth": 2},
                "parallel": {"p": {"task": "A", "depends_on": ["a"]}, "q": {"task": "A", "depends_on": ["last"]}},
            },
            "b": {"task": "A", "depends_on": ["inner", "inner/p"]},
            "c": {"task": "A"},
        },
    },
    "last": {"task": "A"},
}


def flat_of(tasks: dict[str, Any]) -> Flat:
    return flatten(JobDefinition.model_validate({"tasks": tasks}).tasks)


@pytest.fixture
def flat() -> Flat:
    return flat_of(NESTED)


def test_members_stand_right_after_their_group(flat: Flat) -> None:
    """Groups nest to any depth and every task has one full name, in file order. F2-05"""
    assert " ".join(flat.tasks) == "first etl etl/a etl/inner etl/inner/p etl/inner/q etl/b etl/c last"
    assert flat.members == {
        "etl": ("etl/a", "etl/inner", "etl/b", "etl/c"),
        "etl/inner": ("etl/inner/p", "etl/inner/q"),
    }
    assert flat.parents["etl/inner/p"] == "etl/inner"
    assert flat.path_of("etl/inner/p") == ("tasks", "etl", "serial", "inner", "parallel", "p")
    assert flat.path_of("last") == ("tasks", "last")


def test_a_serial_group_is_in_order(flat: Flat) -> None:
    """Each member waits for the one before; a table tells that from a dependency of its own. PW-01, F2-03"""
    assert flat.tasks["etl/inner"].depends_on == ("etl/a",)
    assert flat.tasks["etl/b"].depends_on == ("etl/inner", "etl/inner/p")
    assert flat.tasks["etl/c"].depends_on == ("etl/b",)
    assert flat.follows == {"etl/inner": "etl/a", "etl/c": "etl/b"}


def test_members_of_a_parallel_group_do_not_wait_for_each_other(flat: Flat) -> None:
    """They depend only on what they name. PW-07, F2-04"""
    assert flat.tasks["etl/inner/p"].depends_on == ("etl/a",)
    assert flat.tasks["etl/inner/q"].depends_on == ("last",)


@pytest.mark.parametrize(
    ("at", "name", "full"),
    [
        ("etl/inner/p", "q", "etl/inner/q"),
        ("etl/inner/p", "b", "etl/b"),
        ("etl/inner/p", "first", "first"),
        ("etl/inner/p", "etl/b", "etl/b"),
        ("etl/c", "inner/p", "etl/inner/p"),
        ("etl", "a", None),
        ("first", "etl/a", "etl/a"),
        ("first", "nobody", None),
    ],
)
def test_a_name_means_what_is_nearest(flat: Flat, at: str, name: str, full: str | None) -> None:
    """Beside the task, then beside each group around it; a full name works everywhere."""
    assert flat.resolve(at, name) == full


def test_variables_of_groups_are_seen_inside_only(flat: Flat) -> None:
    """The inner group stands above the outer one, and both above the job. PW-05"""
    of_job = {"depth": 0, "day": "monday"}

    assert flat.vars_of("first", of_job) is of_job
    assert flat.vars_of("etl/a", of_job) == {"depth": 1, "inside": True, "day": "monday"}
    assert flat.vars_of("etl/inner/q", of_job) == {"depth": 2, "inside": True, "day": "monday"}
    assert flat.vars_of("etl/inner", of_job)["depth"] == 2


def test_what_a_task_waits_for_includes_what_its_groups_wait_for(flat: Flat) -> None:
    """A group ends when its members have; they start when it may."""
    waits = flat.waits()

    assert waits["etl"] == ("first", "etl/a", "etl/inner", "etl/b", "etl/c")
    assert waits["etl/inner/p"] == ("etl/a", "first")


def test_a_job_without_groups_costs_nothing() -> None:
    """The same mapping, and tables that are empty."""
    tasks = JobDefinition.model_validate({"tasks": {"a": {"task": "A"}, "b": {"task": "A", "depends_on": ["x"]}}}).tasks

    flat = flatten(tasks)

    assert flat.tasks is tasks
    assert [*flat.parents, *flat.members, *flat.follows, *flat.paths] == []
    assert flat.waits() == {"a": (), "b": ("x",)}


def test_an_empty_group_is_a_group() -> None:
    """`parallel: {}` has no members and is no mistake. PW-07"""
    assert flat_of({"none": {"parallel": {}}}).members == {"none": ()}


def test_loading_gives_full_names_and_keeps_what_was_written(project: Project) -> None:
    """The definition that is run is flat; the one that is shown is as it stands in the file."""
    loaded = project.load({"tasks": NESTED})

    assert loaded.problems == ()
    assert loaded.definition is not None
    assert loaded.written is not None
    assert list(loaded.definition.tasks) == list(loaded.flat.tasks)
    assert list(loaded.written.tasks) == list(NESTED)
    assert project.load(loaded.written).definition == loaded.definition


def test_formats_read_and_write_what_is_nested(project: Project) -> None:
    """A definition that is read and written again is the same."""
    target = project.root / "copy.yaml"
    definition = JobDefinition.model_validate({"tasks": NESTED})

    YAMLJobDefinition().dump(definition, target)

    assert YAMLJobDefinition().load(target) == definition


def test_members_have_places(project: Project) -> None:
    """A full name in a path is the nested place in the file."""
    loaded = project.load("tasks:\n  etl:\n    serial:\n      a: {task: A}\n      b: {task: A, timeout: 5s}\n")

    path = ("tasks", "etl/b", "timeout")
    assert (loaded.origins.value(path).line, loaded.origins.value(path).column) == (5, 29)
    assert loaded.origins.spelled(path) == "tasks.etl.serial.b.timeout"
    assert loaded.origins.value(("tasks", "etl/b", "dependencies", 0)).line == 5


@pytest.mark.parametrize(
    ("member", "code", "message"),
    [
        ("a/b: {task: A}", "FR105", "the name `a/b` of a member of `etl` must be without `/`"),
        ("a: {task: A, timeout: -1}", "FR105", "task `etl/a`: `timeout` must be at least 0"),
        ("a: {task: A, timeuot: 1}", "FR104", "unknown key `timeuot` in task `etl/a`"),
        ("a: {serial: null}", "FR105", "task `etl/a` must be with a value for `serial`, if only `{}`"),
        ("a: {parallel: [1]}", "FR105", "task `etl/a`: `parallel` must be a mapping"),
        ("a: {task: A, variant: B}", "FR103", "this key is given twice, in its two spellings"),
        ("a: {depends_on: []}", "FR106", "task `etl/a` has no `task`"),
    ],
)
def test_mistakes_in_members_name_them_in_full(project: Project, member: str, code: str, message: str) -> None:
    """One problem, at the nested place. F2-12, X-F2-09"""
    problem = project.problem(f"tasks:\n  etl:\n    parallel:\n      {member}\n      other: {{task: A}}\n")

    assert (problem.code, problem.message, problem.place.line) == (code, message, 4)
    assert problem.path.startswith("tasks.etl.parallel.")


def test_two_tasks_of_one_full_name_are_refused(project: Project) -> None:
    """Otherwise the result of one would stand for the other. F2-06, X-F2-05"""
    problem = project.problem("tasks:\n  etl:\n    serial:\n      a: {task: A}\n  etl/a: {task: B}\n")

    assert (problem.code, problem.message) == ("FR103", "two tasks are called `etl/a`")
    assert (problem.place.line, problem.label) == (5, "the other is in line 4")


def test_a_name_that_an_item_may_get_is_refused(project: Project) -> None:
    """`load[eu]` would be an item of `load`; where `load` has no items it is a name as any other."""
    text = "tasks:\n  load: {task: A}\n  'load[eu]': {task: A}\n"
    assert project.load(text).problems == ()

    problem = project.problem(text.replace("A}", "A, foreach: [eu]}", 1))

    assert (problem.code, problem.message) == ("FR103", "task `load[eu]` is called like an item of `load`")


def test_a_member_with_a_mistake_still_counts(project: Project) -> None:
    """What depends on it means it, and not a task of the same name outside."""
    loaded = project.load("tasks:\n  etl: {serial: {a: 3, b: {task: A, depends_on: [a]}}}\n  a: {task: A}\n")

    assert [problem.code for problem in loaded.problems] == ["FR105"]
    assert loaded.flat.tasks["etl/b"].depends_on == ("etl/a",)
