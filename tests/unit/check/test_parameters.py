"""The check of parameters: every wrong value in plain words, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun.check import check
from flowrun.discovery import discover
from flowrun.jobdefinition import Outside, load

from .sales import line_of, of_load, problem


@pytest.mark.parametrize(
    ("value", "expected", "label"),
    [
        ("batch_size: three", "`batch_size` of LoadSales must be a whole number", 'found text "three"'),
        ("batch_size: 1.5", "`batch_size` of LoadSales must be a whole number", "found the number 1.5"),
        ("batch_size: [1, 2]", "`batch_size` of LoadSales must be a whole number", "found a list"),
        ("batch_size: {a: 1}", "`batch_size` of LoadSales must be a whole number", "found a mapping"),
        ("batch_size: null", "`batch_size` of LoadSales must be a whole number", "found nothing"),
        ("day: tomorrow", "`day` of LoadSales must be a date such as 2026-01-31", 'found text "tomorrow"'),
        ("mode: medium", "`mode` of LoadSales must be one of `fast` or `slow`", 'found text "medium"'),
        ("label: 5", "`label` of LoadSales must be text", "found the number 5: write it in quotes"),
        ("options: 5", "`options` of LoadSales must be a mapping", "found the number 5"),
        ("options: {depth: deep}", "`options.depth` of LoadSales must be a whole number", 'found text "deep"'),
        (
            "options: {tags: [a, 1]}",
            "`options.tags[1]` of LoadSales must be text",
            "found the number 1: write it in quotes",
        ),
        ("sizes: x", "`sizes` of LoadSales must be a whole number or a list", 'found text "x"'),
        ("sizes: [1, x]", "`sizes[1]` of LoadSales must be a whole number", 'found text "x"'),
        ("either: 5", "`either` of LoadSales must be a mapping", "found the number 5"),
        ("either: {depth: x}", "`either.depth` of LoadSales must be a whole number", 'found text "x"'),
        (
            "target: {kind: xml}",
            "`target` of LoadSales must be a mapping whose `kind` is one of `csv`, `table`",
            "found a mapping",
        ),
        ("target: {}", "`target` of LoadSales must be a mapping with the key `kind`", "found a mapping"),
        ("target: {kind: table, rows: x}", "`target.rows` of LoadSales must be a whole number", 'found text "x"'),
        (
            "by_number: {a: 1}",
            "the key of parameter `by_number.a` of LoadSales must be a whole number",
            'found text "a"',
        ),
        ("few: [1, 2, 3]", "`few` of LoadSales must be a list of at most 2 entries", "found a list"),
        ("code: AB", "`code` of LoadSales must be text that matches `^[a-z]+$`", 'found text "AB"'),
        ("password: short", "`password` of LoadSales: short is too short", 'found text "short"'),
        ("first: 1", "the parameters of LoadSales: first is after last", ""),
    ],
)
def test_a_wrong_value(root: Path, value: str, expected: str, label: str) -> None:
    """Every type is told in plain words, through unions, enums, lists and nested models. FM-50, B-08, X-FM-12"""
    wrong = of_load(root, value)

    assert wrong.code == "FR207"
    assert wrong.message.startswith("task `load`: ")
    assert wrong.message.endswith(expected)
    assert wrong.label == label
    assert wrong.place.line == 5


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("odd: 2", "task `a`: parameter `odd` of Odd: 2 is even"),
        ("odd: $ENV{N}", "task `a`: parameter `odd` of Odd: $ENV{N} is even"),
        ("address: here", "task `a`: parameter `address` of Odd must be a valid IPv4 address"),
    ],
)
def test_errors_that_have_no_words_of_ours(root: Path, value: str, message: str) -> None:
    """Custom errors of the user speak for themselves, rare ones of Pydantic say what is expected."""
    text = f"tasks:\n  a:\n    task: Odd\n    parameters:\n      {value}\n"

    assert problem(root, text, {"N": "22"}).message == message


def test_the_caret_stands_at_the_value(root: Path) -> None:
    """A value deep inside the parameters has a place and a path of its own."""
    wrong = of_load(root, "options: {tags: [a, 1]}")

    assert (wrong.place.line, wrong.place.column) == (5, 27)
    assert wrong.path == "tasks.load.parameters.options.tags[1]"


@pytest.mark.parametrize(
    ("value", "declaration"),
    [
        ("batch_size: x", "batch_size: int = 1000"),
        ("options: {depth: x}", "depth: int = 1"),
        ("by_number: {1: x}", "by_number: dict[int, int] = {}"),
        ("target: {kind: table, rows: x}", "rows: int"),
    ],
)
def test_the_declaration_is_shown(root: Path, value: str, declaration: str) -> None:
    """The user's own line stands beside the mistake, of a nested model too."""
    assert of_load(root, value).notes == (f"declared in tasks/warehouse.py:{line_of(declaration)} as `{declaration}`",)


def test_an_inherited_field_is_shown_where_it_is_declared(tmp_path: Path) -> None:
    """A parameter that comes from a base class in another module is found there."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "above.py").write_text("from flowrun.task import Task\nclass Above(Task):\n    rows: int\n")
    (tmp_path / "tasks" / "below.py").write_text(
        "from flowrun.task import task\nfrom .above import Above\n@task\nclass Below(Above):\n    def run(self): ...\n"
    )

    missing = problem(tmp_path, "tasks: {x: {task: Below}}\n")

    assert missing.notes == ("declared in tasks/above.py:3 as `rows: int`",)


def test_an_unknown_parameter(root: Path) -> None:
    """The caret stands at the key, and the nearest parameter is suggested, in nested models too. FM-50, B-06"""
    unknown = of_load(root, "batch_sise: 3")
    nested = of_load(root, "options: {dept: 3}")

    assert (unknown.code, unknown.label, unknown.place.column) == ("FR208", "did you mean `batch_size`?", 7)
    assert unknown.message == "task `load`: LoadSales has no parameter `batch_sise`"
    assert (nested.code, nested.label) == ("FR208", "did you mean `depth`?")
    assert nested.notes == ("parameters here: depth, tags",)


def test_a_missing_parameter(root: Path) -> None:
    """Without `parameters` the caret stands at the task, with them there. FM-50, B-07"""
    without = problem(root, "tasks:\n  a:\n    task: StepSales\n")
    within = of_load(root, "target: {kind: table}")

    assert (without.code, without.place.line) == ("FR209", 2)
    assert without.message == "task `a`: StepSales needs the parameter `label`"
    assert (within.code, within.place.line) == ("FR209", 5)
    assert within.message == "task `load`: LoadSales needs the parameter `target.rows`"


def test_a_value_from_an_included_file(root: Path) -> None:
    """The place is in that file, and a note says how the value came into the job."""
    (root / "defaults.yaml").write_text("tasks:\n  load:\n    parameters:\n      batch_size: 5k\n")

    wrong = problem(root, "include: [./defaults.yaml]\ntasks:\n  load: {task: LoadSales}\n")

    assert str(wrong.place) == "defaults.yaml:4"
    assert any("through its include on line 1" in note for note in wrong.notes)


@pytest.mark.parametrize("password", ["hunter2", "odd"])
def test_values_from_the_environment_are_not_shown(root: Path, password: str) -> None:
    """Neither the label nor what the user's validator says has the secret in it. D-09, G12"""
    wrong = of_load(root, "password: $ENV{PASSWORD}", {"PASSWORD": password})

    assert password not in str(wrong)
    assert "$ENV{PASSWORD}" in wrong.message


def test_a_wrong_value_from_the_environment_is_not_shown(root: Path) -> None:
    """A variable that is no number is told by its name."""
    wrong = of_load(root, "batch_size: $ENV{SIZE}", {"SIZE": "hunter2"})

    assert wrong.label == 'found text "$ENV{SIZE}"'
    assert "hunter2" not in repr(wrong)


def test_a_validator_that_raises_anything_is_a_problem(root: Path) -> None:
    """What is no ValueError, even SystemExit, does not end the check."""
    odd, leaves = of_load(root, "password: odd"), of_load(root, "password: exit")

    assert odd.message == "task `load`: checking the parameters of LoadSales raised LookupError: no such odd"
    assert leaves.message == "task `load`: checking the parameters of LoadSales raised SystemExit: 3"


def test_a_class_without_run_cannot_be_used(root: Path) -> None:
    """A task class that forgot `run` is refused before anything starts."""
    unfinished = problem(root, "tasks: {a: {task: UnfinishedSales}}\n")

    assert (unfinished.code, unfinished.message) == ("FR410", "task `a`: class UnfinishedSales lacks `run`")


NAMES = [
    "batch_size", "day", "mode", "options", "sizes", "either", "target", "by_number", "few", "code", "label",
    "depth", "tags", "kind", "rows", "nope", "0", "1",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text("ab1-", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_whatever_the_parameters_are_the_check_answers(root: Path, parameters: dict[str, object]) -> None:
    """Any parameters give problems about them or none, never an error, and agree with Pydantic on which it is."""
    job = {"tasks": {"a": {"task": "LoadSales", "parameters": parameters}}}
    found = check(load(job, Outside(root, {})), discover(root))

    is_fine = True
    try:
        found.tasks["a"].model_validate(parameters)
    except ValueError:
        is_fine = False
    assert (found.problems == ()) is is_fine
    assert all(one.path.startswith("tasks.a") and one.code in ("FR207", "FR208", "FR209") for one in found.problems)
