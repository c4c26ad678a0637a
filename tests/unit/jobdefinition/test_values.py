"""Aliases, merge keys, and keys that are given twice."""

from __future__ import annotations

import pytest


def test_anchors_and_aliases(project):
    """FM-40: `aliases:` is free space for anchors and no part of the definition."""
    definition = project.definition(
        "aliases: [&task {task: T, parameters: {a: 1}}, &name x]\n"
        "config: {name: *name}\n"
        "tasks:\n  a: *task\n  b: {<<: *task, max_attempts: 2}\n"
    )
    assert definition.config.name == "x"
    assert definition.tasks["a"].parameters == definition.tasks["b"].parameters == {"a": 1}
    assert definition.tasks["b"].max_attempts == 2


def test_what_an_alias_stands_for_is_not_shared(project):
    """Whoever changes the parameters of one task does not change another's."""
    text = "aliases: &p {l: [1]}\ntasks:\n  a: {task: T, parameters: *p}\n  b: {task: T, parameters: *p}\n"
    tasks = project.definition(text).tasks
    tasks["a"].parameters["l"].append(2)
    assert tasks["b"].parameters == {"l": [1]}


@pytest.mark.parametrize(
    ("written", "merged"),
    [
        ("{<<: *one, b: 9}", {"a": 1, "b": 9}),
        ("{b: 9, <<: *one}", {"a": 1, "b": 9}),
        ("{<<: [*one, *two]}", {"a": 1, "b": 1, "c": 2}),
        ("{<<: [*two, *one]}", {"b": 2, "c": 2, "a": 1}),
        ("{<<: *three}", {"b": 3, "c": 2}),
        ("{<<: {x: 1}, '<<': 2}", {"x": 1, "<<": 2}),
        ("{<<: []}", {}),
    ],
)
def test_merge_keys(project, written, merged):
    """Own keys win over merged ones, and what is named first over what is named later."""
    anchors = "aliases: [&one {a: 1, b: 1}, &two {b: 2, c: 2}, &three {<<: *two, b: 3}]\n"
    definition = project.definition(anchors + f"tasks: {{t: {{task: T, parameters: {written}}}}}\n")
    assert definition.tasks["t"].parameters == merged


@pytest.mark.parametrize("written", ["5", "[5]", "text", "", "[[]]"])
def test_only_mappings_are_merged(project, written):
    """Anything else after `<<` is a mistake."""
    problem = project.problem(f"tasks:\n  t:\n    task: T\n    parameters:\n      <<: {written}\n")
    assert (problem.code, problem.path) == ("FR105", "tasks.t.parameters")


def test_a_task_that_is_defined_twice(project, good, line_of):
    """B-03, FM-41: neither silently wins; both lines are named."""
    text = good + "  first:\n    task: Step\n"
    problem = project.problem(text)
    assert (problem.code, problem.path) == ("FR103", "tasks.first")
    assert "`first`" in problem.message
    assert "twice" in problem.message
    assert problem.place.line == line_of(text, "  first:", 2)
    assert problem.label == f"first in line {line_of(text, '  first:')}"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("label: second", "label: second\n      label: third", "tasks.second.parameters.label"),
        ("name: nightly", "name: nightly\n  name: weekly", "config.name"),
        ("version: 0.1", "version: 0.1\nversion: 0.1", "version"),
        ("label: second", "label: {a: 1, 'a': 2}", "tasks.second.parameters.label.a"),
        ("label: second", "label: {1: 1, 0x1: 2}", "tasks.second.parameters.label.0x1"),
        ("label: second", "label: {x: 1, $VAR{gone:x}: 2}", "tasks.second.parameters.label.x"),
    ],
)
def test_a_key_that_is_given_twice(project, good, line_of, old, new, path):
    """B-04, X-FM-19: at any depth, in any spelling."""
    problem = project.problem(good.replace(old, new))
    assert (problem.code, problem.path) == ("FR103", path)
    assert "twice" in problem.message


def test_a_double_silences_nothing(project, good):
    """What is wrong in the first one is told as well."""
    text = good.replace("label: first", "label: first\n    max_attempts: 0") + "  first:\n    task: Step\n"
    assert [problem.code for problem in project.load(text).problems] == ["FR105", "FR103"]


def test_each_of_fifty_doubles_is_told_once(project, good):
    """Also where an alias repeats them."""
    doubled = "aliases: {p: &p {" + ", ".join(["a: 1"] * 51) + "}}\n"
    tasks = "tasks:\n" + "".join(f"  t{n}: {{task: T, parameters: *p}}\n" for n in range(5))
    assert len(project.load(doubled + tasks).problems) == 50


def test_keys_that_are_no_text(project):
    """Parameters may have whole numbers, truth values and nothing as keys."""
    assert project.parameters("x: {2: a, true: b, ~: c, 0.5: d}") == {"x": {2: "a", True: "b", None: "c", 0.5: "d"}}


@pytest.mark.parametrize("written", ["? [a]\n      : 1", "? {a: b}\n      : 1", "[a]: 1"])
def test_keys_that_are_lists_or_mappings(project, good, written):
    """They are refused, and the rest of the mapping stays."""
    loaded = project.load(good.replace("label: second", f"label: second\n      {written}"))
    (problem,) = loaded.problems
    assert problem.code == "FR105"
    assert loaded.definition.tasks["second"].parameters == {"label": "second"}
