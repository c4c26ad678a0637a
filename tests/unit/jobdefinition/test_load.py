"""What a definition may be loaded from."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import DefinitionError, UsageError
from flowrun.jobdefinition import (
    Backoff,
    ConfigurationDefinition,
    JobDefinition,
    LoadParams,
    Outside,
    SerializableJobDefinition,
    TaskDefinition,
    job_definition,
    load,
)
from flowrun.problem import Place, Problem

TEXT = """version: 0.1
config:
  name: nightly
  max_concurrency: 4
  extension_directories: [./more]
  extension_packages: [package]
  synchro_interval_seconds: 0.1
  loggers_interval_seconds: 1
  extensions_interval_seconds: 2
  checkpointer_interval_seconds: 3.5
tasks:
  load:
    task: Load
    parameters: {day: "2026-01-01", sizes: [1, 2.5, ~, true], nested: {a: {b: c}}}
    max_attempts: 3
    backoff: {first: 2s, cap: 1m}
  report:
    task: Report
    dependencies: [load]
    backoff: 0.5
    timeout: 1h30m
loggers:
  file: {logger: FileLogger, parameters: {retention_days: 3}}
extensions: {}
checkpointer: {checkpointer: SQLiteCheckpointer}
"""

VALUES: dict[str, Any] = {
    "version": 0.1,
    "config": {
        "name": "nightly",
        "max_concurrency": 4,
        "extension_directories": ["./more"],
        "extension_packages": ["package"],
        "synchro_interval_seconds": 0.1,
        "loggers_interval_seconds": 1,
        "extensions_interval_seconds": 2,
        "checkpointer_interval_seconds": 3.5,
    },
    "tasks": {
        "load": {
            "task": "Load",
            "parameters": {"day": "2026-01-01", "sizes": [1, 2.5, None, True], "nested": {"a": {"b": "c"}}},
            "max_attempts": 3,
            "backoff": {"first": "2s", "cap": "1m"},
        },
        "report": {"task": "Report", "dependencies": ["load"], "backoff": 0.5, "timeout": "1h30m"},
    },
    "loggers": {"file": {"logger": "FileLogger", "parameters": {"retention_days": 3}}},
    "extensions": {},
    "checkpointer": {"checkpointer": "SQLiteCheckpointer"},
}


def test_every_key(project):
    """FM-24, FM-26..FM-40: what is written is what comes out."""
    definition = project.definition(TEXT)
    config, load_task, report = definition.config, definition.tasks["load"], definition.tasks["report"]
    assert (config.name, config.max_concurrency, config.synchro_interval_seconds) == ("nightly", 4, 0.1)
    assert (config.loggers_interval_seconds, config.extensions_interval_seconds) == (1.0, 2.0)
    assert config.checkpointer_interval_seconds == 3.5
    assert (config.extension_directories, config.extension_packages) == (("./more",), ("package",))
    assert (load_task.variant, load_task.max_attempts, load_task.depends_on) == ("Load", 3, ())
    assert load_task.parameters == VALUES["tasks"]["load"]["parameters"]
    assert load_task.backoff == Backoff(first=2, factor=2, cap=60)
    assert (report.depends_on, report.backoff, report.timeout) == (("load",), 0.5, 5400.0)
    assert definition.loggers["file"].variant == "FileLogger"
    assert definition.loggers["file"].parameters == {"retention_days": 3}
    assert definition.extensions == {}
    assert definition.checkpointer.variant == "SQLiteCheckpointer"


def test_defaults(project):
    """FM-26, FM-27, FM-37..FM-39: what is left out is as documented; a section that is given replaces the default."""
    definition = project.definition("tasks: {a: {task: T}}\n")
    assert (definition.version, definition.include) == (0.1, ())
    assert definition.config == ConfigurationDefinition()
    assert definition.tasks["a"] == TaskDefinition(task="T")
    assert [logger.variant for logger in definition.loggers.values()] == ["FileLogger"]
    assert [extension.variant for extension in definition.extensions.values()] == ["RichProgressBar"]
    assert definition.checkpointer.variant == "FileCheckpointer"
    assert project.definition("tasks: {a: {task: T}}\nloggers: {}\n").loggers == {}


def test_tasks_keep_their_order(project):
    """FM-41: the order of the file is the order of the tasks, those of includes first."""
    project.write("tasks: {z: {task: T}, b: {task: T}}\n", "low.yaml")
    tasks = project.definition("include: [low.yaml]\ntasks: {y: {task: T}, b: {}, a: {task: T}}\n").tasks
    assert list(tasks) == ["z", "b", "y", "a"]


def test_file_mapping_and_object_give_the_same(project):
    """FM-91: the three ways in lead to one definition."""
    from_file = project.definition(TEXT)
    assert project.definition(VALUES) == from_file
    assert project.definition(from_file) == from_file
    assert project.definition(JobDefinition.model_validate(VALUES)) == from_file


def test_a_mapping_is_a_file_in_other_clothes(project):
    """FM-91: includes, variables, both spellings and `aliases` work as in a file."""
    project.write("tasks: {a: {dependencies: [b], parameters: {x: 1}}}\n", "low.yaml")
    definition = project.definition(
        {
            "include": ["low.yaml"],
            "aliases": {"a": "$ENV{GONE}"},
            "tasks": {"a": {"variant": "T", "depends_on": ("c",), "parameters": {"y": "$VAR{v}", "$VAR{v}": 1}}},
        },
        variables={"v": "w"},
    )
    assert definition.tasks["a"] == TaskDefinition(task="T", dependencies=("c",), parameters={"x": 1, "y": "w", "w": 1})


def test_values_of_python_pass_through(project):
    """A mapping may hold what YAML cannot write."""
    day = date(2026, 1, 1)
    task = {"task": "T", "parameters": {"day": day, "more": ({1, 2}, Path("x"))}}
    definition = project.definition({"tasks": {"a": task, "b": TaskDefinition(task="U")}})
    assert definition.tasks["a"].parameters == {"day": day, "more": [{1, 2}, Path("x")]}
    assert definition.tasks["b"].variant == "U"


def test_problems_of_a_mapping(project):
    """They name the key path; there is no line."""
    problem = project.problem({"tasks": {"a": {"task": "T", "dependencies": [1]}}})
    assert (problem.code, problem.path, str(problem.place)) == ("FR105", "tasks.a.dependencies[0]", "<python>")
    assert project.problem({"tasks": {}}).code == "FR111"
    assert project.problem(JobDefinition(tasks={})).code == "FR111"


def test_a_mapping_that_contains_itself(project):
    """It is refused like anything too deep."""
    loop: dict[str, Any] = {}
    loop["x"] = [loop]
    assert project.problem({"tasks": {"a": {"task": "T", "parameters": loop}}}).code == "FR109"


def test_an_object_with_includes(project):
    """Only what was set in the object lies above what it includes; text in it is text."""
    project.write("config: {name: low, max_concurrency: 2}\n", "low.yaml")
    job = JobDefinition(include=["low.yaml"], tasks={"a": TaskDefinition(task="T", parameters={"x": "$VAR{gone}"})})
    definition = project.definition(job)
    assert (definition.config.name, definition.config.max_concurrency) == ("low", 2)
    assert definition.tasks["a"].parameters == {"x": "$VAR{gone}"}
    assert definition.include == ()


def test_standard_input(project):
    """`-` is the text that was handed in."""
    loaded = load("-", Outside(project.root, {}), stdin=b"tasks: {a: {task: T}}\n")
    assert list(loaded.definition.tasks) == ["a"]
    assert loaded.files == ("<stdin>",)
    loaded = load("-", Outside(project.root, {}), stdin=b"tasks: {a: {tsak: T}}\n")
    assert [str(problem.place) for problem in loaded.problems] == ["<stdin>:1"]
    assert load("-", Outside(project.root, {})).problems[0].code == "FR102"


KINDS = ["absent", "directory", "pipe", "dangling", "loop", "nul", "below a file", "not allowed"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file(project, monkeypatch, kind):
    """B-12: told at once, with the path as it was given, and without waiting for a writer of a pipe."""
    monkeypatch.chdir(project.root)
    path = project.root / "job.yaml"
    name = {"nul": "a\0b", "below a file": "conftest/job.yaml"}.get(kind, "job.yaml")
    match kind:
        case "directory":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "dangling":
            path.symlink_to("nowhere.yaml")
        case "loop":
            path.symlink_to("job.yaml")
        case "below a file":
            project.write("", "conftest")
        case "not allowed":
            monkeypatch.setattr(os, "open", _refusing)
    loaded = load(name, Outside(project.root, {}))
    (problem,) = loaded.problems
    assert loaded.definition is None
    assert (problem.code, problem.place) == ("FR101", Place(name))
    assert problem.message.startswith("cannot read `")
    assert problem.message.isprintable()


def _refusing(*_: Any, **__: Any) -> int:
    raise PermissionError(13, "Permission denied")


def test_paths_are_named_as_they_were_given(project, monkeypatch):
    """G12: a relative path stays relative, an absolute one absolute."""
    monkeypatch.chdir(project.root)
    project.write("tasks: {}\n", "jobs/a.yaml")
    for name in ("jobs/a.yaml", "./jobs/a.yaml", "jobs/../jobs/a.yaml", str(project.root / "jobs/a.yaml")):
        assert load(name, Outside(project.root, {})).problems[0].place.file == name


class _Ini(SerializableJobDefinition):
    """A format of a user: one task class per line, `NAME=CLASS`."""

    def load(self, filename: Path | str, params: LoadParams = LoadParams(), vars: Any = None) -> Any:  # noqa: B008
        text = Path(filename).read_text()
        match text:
            case "broken":
                raise ValueError("no `=`")
            case "refused":
                raise DefinitionError([Problem("X1", "not so", Place("job.ini", 1))])
            case "none":
                return None
        parameters = {**vars, "root": params.APP_ROOT_DIR}
        pairs = (line.split("=") for line in text.splitlines())
        tasks = {name: {"task": variant, "parameters": parameters} for name, variant in pairs}
        return JobDefinition.model_validate({"tasks": tasks})

    def dump(self, jdef: JobDefinition, filename: Path | str) -> None:
        Path(filename).write_text("".join(f"{name}={task.variant}\n" for name, task in jdef.tasks.items()))


job_definition("load-test-ini")(_Ini)


def _from_ini(project: Any, text: str) -> Any:
    path = project.write(text, "job.ini")
    return load(path, Outside(project.root, {}, {"a": "b"}), kind="load-test-ini")


def test_a_format_of_a_user(project):
    """FM-03: a registered format is chosen by its key, and gets the variables and the project root."""
    loaded = _from_ini(project, "one=One\n")
    assert loaded.definition.tasks["one"].parameters == {"a": "b", "root": str(project.root)}
    assert loaded.problems == ()
    assert _from_ini(project, "").problems[0].code == "FR111"


@pytest.mark.parametrize(
    ("text", "words"), [("broken", "ValueError: no `=`"), ("none", "NoneType"), ("refused", "not so")]
)
def test_a_format_that_fails(project, text, words):
    """Whatever a user's format raises or gives is a problem of the file, not a crash."""
    loaded = _from_ini(project, text)
    assert loaded.definition is None
    assert words in loaded.problems[0].message


def test_an_unknown_format(project):
    """FM-03: the formats there are, are listed."""
    with pytest.raises(UsageError, match=r"`toml`.*yaml"):
        load("job.toml", Outside(project.root, {}), kind="toml")
