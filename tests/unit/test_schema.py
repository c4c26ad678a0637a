"""The JSON Schema of job files: what an editor accepts and underlines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from flowrun.discovery import discover
from flowrun.schema import DIALECT, job_schema

jsonschema = pytest.importorskip("jsonschema")

MODULE = '''
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowrun.task import Result, Task, task


class Csv(BaseModel, extra="forbid"):
    kind: Literal["csv"] = "csv"
    separator: str = ","


class Table(BaseModel, extra="forbid"):
    kind: Literal["table"]
    rows: int
    format: str = ""
    below: "Table | None" = None


class Strange:
    pass


@task
class SchemaLoad(Task):
    """Load one day of orders.

    More about it.
    """

    day: date
    batch_size: int = Field(default=1000, description="Rows at a time.")
    target: Annotated[Csv | Table, Field(discriminator="kind")] = Csv()
    strange: Strange = Strange()

    def run(self) -> None: ...


@task
class SchemaQuiet(Task):
    def run(self) -> None: ...


@task
class SchemaTree(Table, Task):
    def run(self) -> None: ...


@task
class SchemaSulks(Task):
    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema, handler):
        raise RuntimeError("no schema")

    def run(self) -> None: ...


@task
def schema_function(
    day: date, tables: list[Table], run: int = 3, users: Annotated[list[str], Result("a")] = ()
) -> None:
    """Load with a function."""


@task(name="schema/odd name", parameters={"count": 3})
def schema_odd(count: int, rows: Annotated[list[int], Result("a", "rows")]) -> None: ...


class SchemaStore:
    @task
    def schema_method(self, count: int) -> None: ...
'''


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The schema of a project with a few task classes, as an editor reads it."""
    root = tmp_path_factory.mktemp("project")
    (root / "tasks").mkdir()
    (root / "tasks" / "schema_tasks.py").write_text(MODULE)
    path = list(sys.path)
    yield json.loads(json.dumps(job_schema(discover(root))))
    sys.path[:] = path


def errors(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """The paths that are underlined."""
    found = jsonschema.Draft202012Validator(schema).iter_errors(document)
    return sorted({".".join(map(str, error.absolute_path)) for error in found})


def of_task(schema: dict[str, Any], **task: Any) -> list[str]:
    return errors(schema, {"tasks": {"a": task}})


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    """It is a valid schema of the dialect that it names."""
    jsonschema.Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == DIALECT


@pytest.mark.parametrize(
    "document",
    [
        {"tasks": {"a": {"task": "SchemaQuiet"}}},
        {"tasks": {"a": {"variant": "SchemaQuiet", "depends_on": []}}},
        {
            "version": 0.1,
            "config": {"name": "x", "max_concurrency": 2, "deadline": "1h"},
            "tasks": {
                "a": {
                    "task": "SchemaLoad",
                    "parameters": {"day": "2026-01-01", "target": {"kind": "table", "rows": 3}},
                },
                "b": {"task": "SchemaQuiet", "dependencies": ["a"], "backoff": {"first": "2s"}, "pool": "w"},
                "c": {
                    "task": "SchemaTree",
                    "parameters": {"kind": "table", "rows": 1, "below": {"kind": "table", "rows": 2}},
                },
                "d": {"task": "SchemaSulks", "executor": "mine"},
            },
            "loggers": {"l": {"logger": "FileLogger", "parameters": {"base_log_dir": "logs"}}},
            "executors": {"mine": {"executor": "thread"}},
            "pools": {"w": 2, "x": {"slots": 3}},
            "aliases": {"free": [1, {"space": None}]},
        },
        {"tasks": {"a": {"task": "SchemaLoad", "parameters": {"day": "$ENV{DAY}", "batch_size": "$VAR{n:5}"}}}},
        {
            "config": {"max_concurrency": "$VAR{n}"},
            "tasks": {"a": {"task": "$VAR{class}", "max_attempts": "$ENV{N:3}"}},
        },
        {
            "tasks": {
                "g": {
                    "dependencies": [],
                    "serial": {"a": {"task": "SchemaQuiet"}, "h": {"parallel": {}, "on_failure": "stop"}},
                },
                "f": {"task": "SchemaQuiet", "foreach": {"file": "a.csv"}, "allow_failures": "5%"},
                "m": {"task": "SchemaQuiet", "matrix": {"os": ["linux"], "include": [{"os": "mac"}]}},
            }
        },
        {"include": ["./a.yaml"], "tasks": {"a": {"parameters": {"batch_size": 3}}}},
        {"include": ["./a.yaml"]},
        {
            "tasks": {
                "a": {
                    "task": "schema_function",
                    "parameters": {"day": "2026-01-01", "tables": "${{ tasks.b.result }}"},
                },
                "b": {"task": "schema/odd name"},
                "c": {"task": "schema/odd name", "parameters": {"rows": [1, "${{ item }}"]}},
                "d": {"task": "SchemaLoad", "parameters": {"day": "${{ vars.day }}", "target": "${{ vars.target }}"}},
            }
        },
    ],
)
def test_what_flowrun_accepts_is_not_underlined(schema: dict[str, Any], document: dict[str, Any]) -> None:
    """Both spellings, durations, variables, `aliases`, and parts of a job that an include completes."""
    assert errors(schema, document) == []


def test_unknown_keys_are_underlined(schema: dict[str, Any]) -> None:
    """At every level: the file, a section, a task."""
    assert errors(schema, {"taks": {}}) == [""]
    assert errors(schema, {"config": {"nmae": "x"}}) == ["config"]
    assert of_task(schema, task="SchemaQuiet", tsak="x") == ["tasks.a"]
    assert errors(schema, {"loggers": {"l": {"logger": "FileLogger", "oops": 1}}}) == ["loggers.l"]


def test_the_class_decides_on_the_parameters(schema: dict[str, Any]) -> None:
    """The same key is right for one class and wrong for another; nested models count."""
    fine = {"day": "2026-01-01"}

    assert of_task(schema, task="SchemaQuiet", parameters=fine) == ["tasks.a.parameters"]
    assert of_task(schema, variant="SchemaQuiet", parameters=fine) == ["tasks.a.parameters"]
    assert of_task(schema, task="SchemaLoad", parameters={**fine, "batch_size": "many"}) == [
        "tasks.a.parameters.batch_size"
    ]
    assert of_task(schema, task="SchemaLoad", parameters={**fine, "target": {"kind": "table"}}) == [
        "tasks.a.parameters.target"
    ]
    assert of_task(schema, task="SchemaTree", parameters={"kind": "table", "rows": "x"}) == ["tasks.a.parameters.rows"]


def test_the_signature_decides_on_the_parameters(schema: dict[str, Any]) -> None:
    """Of a function as of a class."""
    assert of_task(schema, task="schema_function", parameters={"day": "2026-01-01"}) == ["tasks.a.parameters"]
    day = {"day": "2026-01-01", "tables": []}
    assert of_task(schema, task="schema_function", parameters={**day, "run": "x"}) == ["tasks.a.parameters.run"]
    assert of_task(schema, task="schema_function", parameters={**day, "runs": 3}) == ["tasks.a.parameters"]
    assert of_task(schema, task="schema/odd name", parameters={"count": "x"}) == ["tasks.a.parameters.count"]
    assert of_task(schema, task="schema_method") == ["tasks.a.task"]


def test_what_is_missing_is_underlined(schema: dict[str, Any]) -> None:
    """A task needs a class, and a class its parameters without a default."""
    assert of_task(schema, max_attempts=2) == ["tasks.a"]
    assert of_task(schema, task="SchemaLoad") == ["tasks.a"]
    assert of_task(schema, task="SchemaLoad", parameters={}) == ["tasks.a.parameters"]
    assert of_task(schema, serial={"b": {"max_attempts": 2}}) == ["tasks.a.serial.b"]
    assert of_task(schema, serial={"b": {"parallel": {"c": {"task": "SchemaLoad"}}}}) == ["tasks.a.serial.b.parallel.c"]


def test_an_unknown_class_is_underlined(schema: dict[str, Any]) -> None:
    """Task and logger classes are a closed list."""
    assert of_task(schema, task="SchemaLod") == ["tasks.a.task"]
    assert errors(schema, {"loggers": {"l": {"logger": "FileLoger"}}}) == ["loggers.l.logger"]
    assert errors(schema, {"checkpointer": {"checkpointer": "Nope"}}) == ["checkpointer.checkpointer"]


def test_two_spellings_at_once_are_underlined(schema: dict[str, Any]) -> None:
    """One of `task` and `variant`, one of `dependencies` and `depends_on`."""
    assert of_task(schema, task="SchemaQuiet", variant="SchemaQuiet") == ["tasks.a"]
    assert of_task(schema, task="SchemaQuiet", dependencies=[], depends_on=[]) == ["tasks.a"]


def test_editors_show_what_the_user_wrote(schema: dict[str, Any]) -> None:
    """Docstrings of classes and descriptions of fields are in the schema."""
    names = schema["$defs"]["TaskDefinition"]["properties"]["task"]["anyOf"][0]["anyOf"]
    parameters = schema["$defs"]["task.SchemaLoad"]

    assert {"const": "SchemaLoad", "description": "Load one day of orders."} in names
    assert parameters["description"].startswith("Load one day of orders.")
    assert parameters["properties"]["batch_size"]["description"] == "Rows at a time."
