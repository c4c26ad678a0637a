"""Dumping: text that loads to the same definition."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml as pyyaml

from flowrun.errors import DefinitionError
from flowrun.jobdefinition import JobDefinition, TaskDefinition
from flowrun.jobdefinition.dump import dump

FULL = """version: 1
config: {name: n, deadline: 2h, on_overlap: skip, start_method: spawn, extension_directories: [a, ./b]}
tasks:
  z: {task: T, parameters: {x: [1, {a: b}], 5: no}, max_attempts: 3, backoff: {first: 2s, jitter: true}, timeout: 10m}
  a: {task: U, dependencies: [z], retry_on: [OSError], pool: p, priority: -3, at_most_once: true, executor: e}
loggers: {}
extensions: {s: {extension: Slack, parameters: {}}}
checkpointer: {checkpointer: C, parameters: {path: p}}
executors: {e: {executor: process}}
pools: {p: 3, q: {slots: 1}}
""".replace(", 5: no", "")


def test_a_full_definition(project):
    """FM-92, FM-93, X-FM-20: nothing is lost, and the order of the tasks stays."""
    definition = project.definition(FULL)
    again = project.definition(dump(definition))
    assert again == definition
    assert list(again.tasks) == ["z", "a"]


def test_how_it_looks(project):
    """Keys as in job files, with what was given though it is the default, and nothing else; nothing is folded."""
    words = " ".join(["long"] * 60)
    tasks = f"{{b: {{variant: T, depends_on: [a], max_attempts: 1}}, a: {{task: '{words}'}}}}"
    text = f"tasks: {tasks}\nconfig: {{name: x}}\n"
    assert dump(project.definition(text)) == (
        "config:\n  name: x\ntasks:\n  b:\n    task: T\n    dependencies:\n    - a\n    max_attempts: 1\n"
        f"  a:\n    task: {words}\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        *("no", "yes", "on", "22:30", "0755", "0o17", "1e3", "1_000", "2026-01-01", "~", "", " ", "a: b", "# a", "<<"),
        *("a\nb", "\ttab", "\x1b[2J", "\x85", "\u2028", "\ufeff", "'", '"', "- a", "{a}", "[", "*a", "&a", "!a", "%a"),
        *(
            "$ENV{X}",
            "$$ENV{X}",
            "$$$VAR{y:z}",
            "${{ a }}",
            "$${{ a }}",
            "$${ a }",
            "$VAR{",
            "$",
            "a$b",
            "cost$5 $VAR{x:\\}}",
        ),
        *("=", "@a", "null", "é💥", "x" * 500, 5, 0.1, 1e300, -0.0, float("inf"), True, False, None),
        *([], {}, {"": [None]}, {"$ENV{X}": {"no": 1}}),
    ],
)
def test_every_value_comes_back(project, value):
    """FM-36, FM-92: text that looks like something else, and text that looks like a variable."""
    definition = JobDefinition(tasks={"a": TaskDefinition(task="T", parameters={"x": value})})
    assert project.definition(dump(definition)) == definition


def test_readers_of_yaml_1_1_see_the_same(project):
    """`no` is quoted, so that other tools do not take it for false."""
    parameters = {"a": "no", "b": "22:30", "c": "0755", "d": "0o17", "e": "2026-01-01", "f": "1e3", "g": 15}
    definition = JobDefinition(tasks={"a": TaskDefinition(task="T", parameters=parameters)})
    assert pyyaml.safe_load(dump(definition))["tasks"]["a"]["parameters"] == parameters


def test_values_of_python(project):
    """What a task's field reads from text is written as text."""
    parameters = {"day": date(2026, 1, 2), "path": Path("a/b"), "price": Decimal("1.10"), "pair": (1, 2)}
    definition = JobDefinition(tasks={"a": TaskDefinition(task="T", parameters=parameters)})
    written = project.definition(dump(definition)).tasks["a"].parameters
    assert written == {"day": "2026-01-02", "path": "a/b", "price": "1.10", "pair": [1, 2]}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", "\udc80"])
def test_what_cannot_be_written(value):
    """The key path is named."""
    definition = JobDefinition(tasks={"a": TaskDefinition(task="T", parameters={"x": [value]})})
    with pytest.raises(DefinitionError, match=r"tasks\.a\.parameters\.x\[0\]"):
        dump(definition)


def test_secrets_are_written_as_in_the_file(project):
    """D-09: with its origins a definition is dumped without what the environment holds."""
    text = (
        "config: {max_concurrency: $ENV{N}}\n"
        "tasks:\n  $ENV{NAME}:\n    task: T\n"
        "    parameters: {password: 'pre $ENV{PASSWORD}', day: $VAR{day}, list: [$ENV{N}]}\n"
        "pools: {p: $ENV{N}}\n"
    )
    outside = {"environ": {"PASSWORD": "hunter2", "N": "7654321", "NAME": "sesame"}, "variables": {"day": "$x"}}
    loaded = project.load(text, **outside)
    assert loaded.problems == ()

    written = dump(loaded.definition, loaded.origins)

    assert not [secret for secret in outside["environ"].values() if secret in written]
    assert project.definition(written, **outside) == loaded.definition


def test_an_included_job_becomes_one_file(project):
    """FM-92: the merged definition needs its includes no more."""
    project.write("config: {max_concurrency: 3}\ntasks: {a: {max_attempts: 3}}\n", "low.yaml")
    definition = project.definition("include: [low.yaml]\nconfig: {max_concurrency: 0}\ntasks: {a: {task: T}}\n")
    (project.root / "low.yaml").unlink()
    assert project.definition(dump(definition)) == definition
