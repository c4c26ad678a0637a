"""The check: everything that is wrong with a job, all at once, at its place, before anything runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun.check import Checked, check
from flowrun.discovery import discover
from flowrun.jobdefinition import load
from flowrun.problem import Problem
from flowrun.task import Task, tasks

MODULE = """
from datetime import date
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from flowrun.task import Task, task


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


class Options(BaseModel, extra="forbid"):
    depth: int = 1
    tags: list[str] = []


class Csv(BaseModel, extra="forbid"):
    kind: Literal["csv"]
    separator: str = ","


class Table(BaseModel, extra="forbid"):
    kind: Literal["table"]
    rows: int


@task
class LoadSales(Task):
    batch_size: int = 1000
    day: date = date(2026, 1, 1)
    mode: Mode = Mode.FAST
    options: Options = Options()
    sizes: int | list[int] = 3
    either: Options | Table | None = None
    target: Annotated[Csv | Table, Field(discriminator="kind")] | None = None
    by_number: dict[int, int] = {}
    few: list[int] = Field(default=[], max_length=2)
    code: str = Field(default="ab", pattern="^[a-z]+$")
    label: str = ""
    password: str = ""
    first: int = 0
    last: int = 0

    @field_validator("password")
    @classmethod
    def _strong(cls, value: str) -> str:
        if value == "exit":
            raise SystemExit(3)
        if value == "odd":
            raise LookupError("no such " + value)
        if 0 < len(value) < 9:
            raise ValueError(f"{value} is too short")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> "LoadSales":
        if self.first > self.last:
            raise ValueError("first is after last")
        return self

    def run(self) -> None: ...


@task
class Odd(Task):
    address: IPv4Address | None = None
    odd: int = 1

    @field_validator("odd")
    @classmethod
    def _is_odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise PydanticCustomError("even", "{number} is even", {"number": value})
        return value

    def run(self) -> None: ...


@task
class StepSales(Task):
    label: str

    def run(self) -> None: ...


@task
class QuickSales(Task):
    async def run(self) -> None: ...


@task
class UnfinishedSales(Task):
    pass
"""


@pytest.fixture(autouse=True)
def same_path() -> Iterator[None]:
    """What a project puts on the path does not stay for the next test."""
    before = list(sys.path)
    yield
    sys.path[:] = before


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one module of tasks."""
    directory = tmp_path_factory.mktemp("project")
    (directory / "tasks").mkdir()
    (directory / "tasks" / "warehouse.py").write_text(MODULE)
    return directory


def line_of(text: str) -> int:
    """The line of the module in which `text` stands."""
    return MODULE[: MODULE.index(text)].count("\n") + 1


def checked(root: Path, text: str, environ: dict[str, str] | None = None) -> Checked:
    (root / "job.yaml").write_text(text)
    loaded = load(root / "job.yaml", root=root, environ=environ or {}, cwd=root)
    config = loaded.definition.config if loaded.definition else None
    directories = config.extension_directories if config else ()
    packages = config.extension_packages if config else ()
    return check(loaded, discover(root, directories, packages))


def problems_of(root: Path, text: str, environ: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Code, line and path of every problem."""
    return [(one.code, str(one.place.line), one.path) for one in checked(root, text, environ).problems]


def problem(root: Path, text: str, environ: dict[str, str] | None = None) -> Problem:
    """The only problem there is."""
    (only,) = checked(root, text, environ).problems
    return only


def of_load(root: Path, parameters: str, environ: dict[str, str] | None = None) -> Problem:
    return problem(root, f"tasks:\n  load:\n    task: LoadSales\n    parameters:\n      {parameters}\n", environ)


def test_a_job_in_order_has_its_classes(root: Path) -> None:
    """Every name of the job has its class, the default executor depends on `run`, and there is no problem. FM-49"""
    found = checked(
        root,
        """
        tasks:
          load: {task: LoadSales, parameters: {batch_size: "5", day: 2026-02-01}}
          quick: {task: QuickSales, dependencies: [load, load], pool: warehouse}
          apart: {task: QuickSales, executor: thread}
          named: {task: QuickSales, executor: mine}
        executors: {mine: {executor: thread}}
        pools: {warehouse: 2}
        """,
    )

    assert found.problems == found.warnings == ()
    assert [cls.__name__ for cls in found.tasks.values()] == ["LoadSales", "QuickSales", "QuickSales", "QuickSales"]
    assert found.executor_of == {"load": "process", "quick": "async", "apart": "thread", "named": "mine"}
    assert set(found.executors) == {"process", "async", "thread", "mine"}
    assert (found.checkpointer.__name__, list(found.loggers)) == ("FileCheckpointer", ["file-logger"])


def test_all_mistakes_are_told_at_once_by_place(root: Path) -> None:
    """A wrong class, a wrong parameter, a wrong dependency and a wrong key come together, sorted. FM-19, B-17"""
    text = """tasks:
  one: {task: LodaSales}
  two:
    task: StepSales
    parameters: {label: x, lable: y}
    dependencies: [one, oen]
  three: {task: StepSales}
  four: {tsak: StepSales}
  five: {task: StepSales, parameters: {label: x}, dependencies: [four]}
"""
    assert problems_of(root, text) == [
        ("FR402", "2", "tasks.one.task"),
        ("FR208", "5", "tasks.two.parameters.lable"),
        ("FR302", "6", "tasks.two.dependencies[1]"),
        ("FR209", "7", "tasks.three.parameters.label"),
        ("FR104", "8", "tasks.four.tsak"),
    ]


def test_a_task_with_a_broken_key_is_checked_like_the_others(root: Path) -> None:
    """What else is wrong with it is told in the same round: class, pool, executor, parameter, dependency. B-17"""
    text = """tasks:
  a:
    task: LodSales
    max_attempts: many
    pool: ware
    executor: proces
    dependencies: [5, oen]
  b:
    tsak: LoadSales
    timeout: soon
    dependencies: [c]
  c:
    task: StepSales
    retires: 3
    parameters: {lable: x, label: 5}
    dependencies: [b]
"""
    assert problems_of(root, text) == [
        ("FR402", "3", "tasks.a.task"),
        ("FR105", "4", "tasks.a.max_attempts"),
        ("FR405", "5", "tasks.a.pool"),
        ("FR404", "6", "tasks.a.executor"),
        ("FR105", "7", "tasks.a.dependencies[0]"),
        ("FR302", "7", "tasks.a.dependencies[1]"),
        ("FR104", "9", "tasks.b.tsak"),
        ("FR105", "10", "tasks.b.timeout"),
        ("FR301", "11", "tasks.b.dependencies[0]"),
        ("FR104", "14", "tasks.c.retires"),
        ("FR208", "15", "tasks.c.parameters.lable"),
        ("FR207", "15", "tasks.c.parameters.label"),
    ]


def test_a_named_part_with_a_broken_key_is_checked_like_the_others(root: Path) -> None:
    """The class and the parameters of a logger are looked at although one of its keys is unknown."""
    text = """loggers:
  a: {logger: FileLoger, oops: 1}
  b: {logger: FileLogger, oops: 1, parameters: {base_log_dri: x}}
tasks: {a: {task: QuickSales}}
"""
    assert problems_of(root, text) == [
        ("FR402", "2", "loggers.a.logger"),
        ("FR104", "2", "loggers.a.oops"),
        ("FR104", "3", "loggers.b.oops"),
        ("FR208", "3", "loggers.b.parameters.base_log_dri"),
    ]


@pytest.mark.parametrize(
    ("task", "path"),
    [
        ("{tsak: QuickSales}", "tasks.loader.tsak"),
        ("{task: QuickSales, max_attempts: x}", "tasks.loader.max_attempts"),
        ("[1]", "tasks.loader"),
    ],
)
def test_a_misspelt_dependency_on_a_task_with_a_broken_key(root: Path, task: str, path: str) -> None:
    """The task counts as existing: it is suggested, and the right name is no mistake."""
    text = f"""tasks:
  loader: {task}
  b: {{task: QuickSales, dependencies: [loadre, loader]}}
"""
    broken, misspelt = checked(root, text).problems

    assert broken.path == path
    assert (misspelt.code, misspelt.label) == ("FR302", "did you mean `loader`?")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tasks: {a: {task: StepSales, paramters: {label: x}}}", "tasks.a.paramters"),
        ("tasks: {a: {task: StepSales, parameters: [label]}}", "tasks.a.parameters"),
        ("tasks: {a: {task: StepSales, parameters: {label: $VAR{x}}}}", "tasks.a.parameters.label"),
        ("tasks: {a: {task: LoadSales, parameters: {first: $VAR{x}, last: 3}}}", "tasks.a.parameters.first"),
        (
            "tasks: {a: {task: LoadSales, parameters: {options: {tags: [$VAR{x}]}}}}",
            "tasks.a.parameters.options.tags[0]",
        ),
        ("tasks: {a: {task: LoadSales, parameters: {target: {kind: $VAR{x}}}}}", "tasks.a.parameters.target.kind"),
        ("tasks: {a: {task: StepSales, parameters: {}, parameters: {label: x}}}", "tasks.a.parameters"),
        ("tasks: {a: {}, a: {task: QuickSales}}", "tasks.a"),
        ("tasks: {a: {task: $VAR{x}}}", "tasks.a.task"),
        ("tasks: {a: {variant: $VAR{x}}}", "tasks.a.variant"),
        ("tasks: {a: {task: QuickSales, pool: $VAR{x}}}", "tasks.a.pool"),
        ("tasks: {a: {task: QuickSales, executor: $VAR{x}}}", "tasks.a.executor"),
        ("tasks: {a: {task: QuickSales, depends_on: [$VAR{x}]}}", "tasks.a.depends_on[0]"),
        ("tasks: {a: {task: QuickSales, pool: p}}\npols: {p: 1}", "pols"),
        ("tasks: {a: {task: QuickSales, pool: p}}\npools: {p: {slot: 1}}", "pools.p.slot"),
        ("tasks: {a: {task: QuickSales, executor: e}}\nexecutors: {e: {executer: thread}}", "executors.e.executer"),
        ("tasks: {a: {task: QuickSales, executor: e}}\nexecutors: {e: thread}", "executors.e"),
        ("tasks: {a: {task: QuickSales}}\ntasks: {b: {task: QuickSales, dependencies: [a]}}", "tasks"),
        ("tasks: {a: {task: Elsewhere}}\nconfig: {extension_directories: ./more}", "config.extension_directories"),
        ("tasks: {a: {task: Elsewhere}}\nconfig: {extension_directory: [./more]}", "config.extension_directory"),
        ("tasks: {a: {task: Elsewhere}}\nconfig: {extension_directories: [./no]}", "config.extension_directories[0]"),
        ("tasks: {a: {task: Elsewhere, dependencies: [b], pool: p}}\ninclude: [./no.yaml]", "include[0]"),
    ],
)
def test_a_mistake_causes_no_second_one(root: Path, text: str, path: str) -> None:
    """What follows from a mistake that is told already is not told as well. FM-19"""
    assert problem(root, text + "\n").path == path


def test_a_file_that_cannot_be_included_hides_no_mistakes(root: Path) -> None:
    """What is wrong with what can be read is told in the same round, and nothing that may be in the other file. B-16"""
    text = """include: [./no.yaml]
tasks:
  a: {task: LoadSales, parameters: {batch_size: many}, dependencies: [below]}
  b: {task: StepSales}
  c: {max_attempts: 0}
"""
    assert problems_of(root, text) == [
        ("FR108", "1", "include[0]"),
        ("FR207", "3", "tasks.a.parameters.batch_size"),
        ("FR105", "5", "tasks.c.max_attempts"),
    ]


def test_a_class_or_function_without_its_decorator_is_told(tmp_path: Path) -> None:
    """Whoever forgot `@task` is shown the file and the line, and no other name is suggested. FM-32"""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "plain.py").write_text(
        "from pathlib import Path\nfrom flowrun.task import Task, task\n\n\n"
        "class Load(Task):\n    def run(self): ...\n\n\n"
        "def publish(): ...\n\n\n@task('other')\ndef renamed(): ...\n"
    )

    def hint(name: str) -> str:
        return problem(tmp_path, f"tasks: {{a: {{task: {name}}}}}\n").notes[0]

    assert hint("Load") == "`Load` stands in tasks/plain.py:5, but without `@task` above it"
    assert hint("publish") == "`publish` stands in tasks/plain.py:9, but without `@task` above it"
    assert hint("renamed") == "`renamed` in tasks/plain.py:12 is registered as `other`"
    assert "Path" not in hint("Path")


def test_an_unknown_class_is_told_with_the_nearest(root: Path) -> None:
    """The place of the class that was probably meant, and what was searched, are named. FM-32, B-05"""
    unknown = problem(root, "tasks:\n  a:\n    task: LodSales\n")

    assert unknown.message == "no task class or function is called `LodSales`"
    assert (unknown.place.line, unknown.place.column) == (3, 11)
    assert unknown.notes == (
        f"did you mean `LoadSales` (tasks/warehouse.py:{line_of('class LoadSales') - 1})?",
        "searched tasks/ (5 tasks)",
    )


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("loggers: {x: {logger: FileLoger}}", "no logger class is called `FileLoger`"),
        ("extensions: {x: {extension: Nope}}", "no extension class is called `Nope`"),
        ("checkpointer: {checkpointer: Nope}", "no checkpointer class is called `Nope`"),
        ("executors: {x: {executor: Nope}}", "no executor class is called `Nope`"),
    ],
)
def test_an_unknown_class_of_every_kind(root: Path, section: str, message: str) -> None:
    """Loggers, extensions, checkpointers and executors are checked like tasks. X-03"""
    unknown = problem(root, f"tasks: {{a: {{task: QuickSales}}}}\n{section}\n")

    assert (unknown.code, unknown.message, unknown.place.line) == ("FR402", message, 2)


def test_parameters_of_every_kind_are_checked(root: Path) -> None:
    """A logger with an unknown parameter is refused like a task with one."""
    unknown = problem(
        root, "tasks: {a: {task: QuickSales}}\nloggers: {x: {logger: FileLogger, parameters: {base_log_dri: x}}}\n"
    )

    assert (unknown.code, unknown.label) == ("FR208", "did you mean `base_log_dir`?")
    assert unknown.message == "logger `x`: FileLogger has no parameter `base_log_dri`"


def test_a_name_that_two_classes_have(tmp_path: Path) -> None:
    """Both places are named; jobs that do not use the name are not harmed. FM-47, X-06, X-FM-17"""
    (tmp_path / "tasks").mkdir()
    for file in ("a.py", "b.py"):
        (tmp_path / "tasks" / file).write_text(
            MODULE.replace("LoadSales", "Clashing").replace("class QuickSales", f"class Only{file[0]}")
        )

    clash = problem(tmp_path, "tasks: {x: {task: Clashing}}\n")

    assert (clash.code, clash.message) == ("FR403", "2 task classes or functions are called `Clashing`")
    line = line_of("class LoadSales") - 1
    assert f"in tasks/a.py:{line} and tasks/b.py:{line}" in clash.notes
    assert checked(tmp_path, "tasks: {x: {task: Onlya}}\n").problems == ()


def test_a_broken_module_is_told_where_a_name_is_missing(tmp_path: Path) -> None:
    """It may have held the missing class, so the user's file and line stand beside it. FM-48, B-18"""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "spark.py").write_text("x = 1\nimport not_installed_spark\n")
    (tmp_path / "tasks" / "odd-name.py").write_text("")

    missing = problem(tmp_path, "tasks: {x: {task: SparkLoad}}\n")

    assert missing.notes[1:] == (
        "searched tasks/ (0 tasks); 1 module could not be imported:",
        "  tasks/spark.py:2  ModuleNotFoundError: No module named 'not_installed_spark'",
        "not imported, because the name is no module name: tasks/odd-name.py",
    )


def test_a_broken_module_that_nobody_needs_is_a_warning(tmp_path: Path) -> None:
    """It harms only jobs that need a name from it."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "spark.py").write_text("import not_installed_spark\n")
    (tmp_path / "tasks" / "good.py").write_text(MODULE)

    found = checked(tmp_path, "tasks: {x: {task: QuickSales}}\n")

    assert found.problems == ()
    (warning,) = found.warnings
    assert warning.message == "module tasks/spark.py cannot be imported"
    assert warning.label == "ModuleNotFoundError: No module named 'not_installed_spark'"
    assert str(warning.place) == "tasks/spark.py:1"


def test_a_module_that_does_more_than_define_is_a_warning(tmp_path: Path) -> None:
    """A signal handler that was taken back is mentioned. X-07"""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "grabs.py").write_text(
        "import signal\nsignal.signal(signal.SIGTERM, lambda *_: None)\n" + MODULE
    )

    (warning,) = checked(tmp_path, "tasks: {x: {task: QuickSales}}\n").warnings

    assert "tasks/grabs.py installs a handler for SIGTERM" in warning.message


def test_directories_and_packages_that_cannot_be_searched(root: Path) -> None:
    """Each is told at its entry. FM-48, FM-29"""
    text = """config:
  extension_directories: [nowhere, job.yaml]
  extension_packages: [no_such_package_x]
tasks: {a: {task: QuickSales}}
"""

    assert problems_of(root, text) == [
        ("FR406", "2", "config.extension_directories[0]"),
        ("FR407", "2", "config.extension_directories[1]"),
        ("FR408", "3", "config.extension_packages[0]"),
    ]


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


def test_an_unknown_dependency(root: Path) -> None:
    """Both names and the nearest task are told, at the entry of the list. FM-33, X-FM-03, B-02"""
    unknown = problem(
        root, "tasks:\n  first: {task: QuickSales}\n  second:\n    task: QuickSales\n    dependencies:\n      - frist\n"
    )

    assert (unknown.code, unknown.place.line, unknown.label) == ("FR302", 6, "did you mean `first`?")
    assert unknown.message == "task `second` depends on `frist`, but no task is named so"


def test_a_dependency_on_a_task_with_mistakes_is_no_mistake(root: Path) -> None:
    """A task that was left out because of its own problem is still there for others."""
    assert problems_of(root, "tasks:\n  a: {tsak: QuickSales}\n  b: {task: QuickSales, dependencies: [a]}\n") == [
        ("FR104", "2", "tasks.a.tsak")
    ]


def test_a_dependency_given_twice_is_accepted(root: Path) -> None:
    """It counts once. B-22"""
    assert (
        problems_of(root, "tasks:\n  a: {task: QuickSales}\n  b: {task: QuickSales, dependencies: [a, a, a]}\n") == []
    )


def test_a_task_that_depends_on_itself(root: Path) -> None:
    """It is refused at the entry of the list. FM-33, X-FM-03, B-01"""
    itself = problem(root, "tasks:\n  a:\n    task: QuickSales\n    dependencies: [a]\n")

    assert (itself.code, itself.message, itself.place.line) == ("FR301", "task `a` depends on itself", 4)


@pytest.mark.parametrize("size", [2, 3, 40])
def test_a_ring_is_printed_whole(root: Path, size: int) -> None:
    """Every task of the ring stands in the notes with its line. FM-33, X-FM-03, B-01"""
    lines = [f"  ring{n}: {{task: QuickSales, dependencies: [ring{(n + 1) % size}]}}\n" for n in range(size)]

    ring = problem(root, "tasks:\n" + "".join(lines))
    printed = " ".join(ring.notes)

    assert ring.code == "FR301"
    assert "cycle" in ring.message
    assert printed.startswith(f"ring0 ({root / 'job.yaml'}:2) → ring1 (:3) → ")
    assert all(f"ring{n} (" in printed for n in range(size))
    assert len(ring.notes) <= 5
    assert max(map(len, ring.notes)) <= 250


def test_a_very_long_ring_is_shortened(root: Path) -> None:
    """A ring of thousands says how many tasks are not printed, and stays short."""
    lines = [f"  ring{n}: {{task: QuickSales, dependencies: [ring{(n + 1) % 3000}]}}\n" for n in range(3000)]

    ring = problem(root, "tasks:\n" + "".join(lines))

    assert ring.message.startswith("3000 tasks wait for each other")
    assert ring.notes[-2].endswith(" more … → ring0")
    assert sum(map(len, ring.notes)) < 1300


def test_unknown_executors_and_pools(root: Path) -> None:
    """Each is told with the nearest, or with what there is."""
    found = checked(
        root, "tasks:\n  a: {task: QuickSales, executor: proces}\n  b: {task: QuickSales, pool: ware}\n"
    ).problems

    assert [(one.code, one.path, one.label) for one in found] == [
        ("FR404", "tasks.a.executor", "did you mean `process`?"),
        ("FR405", "tasks.b.pool", ""),
    ]
    assert found[1].notes == ("there is no section `pools`",)


def test_an_executor_with_mistakes_is_not_unknown(root: Path) -> None:
    """An entry that was left out because of its own problem is not reported a second time."""
    text = "tasks: {a: {task: QuickSales, executor: mine}}\nexecutors: {mine: {variant: thread, oops: 1}}\n"

    assert problems_of(root, text) == [("FR104", "2", "executors.mine.oops")]


def test_a_mapping_is_checked_like_a_file(root: Path) -> None:
    """A job definition from Python has the same problems, with their paths. FM-91"""
    job = {
        "tasks": {
            "a": {"task": "LodSales"},
            "b": {"task": "LoadSales", "parameters": {"batch_size": "x"}, "dependencies": ["b"]},
        }
    }

    found = check(load(job, root=root, environ={}), discover(root)).problems

    assert [(one.code, one.path) for one in found] == [
        ("FR402", "tasks.a.task"),
        ("FR207", "tasks.b.parameters.batch_size"),
        ("FR301", "tasks.b.dependencies[0]"),
    ]


def test_classes_registered_by_hand_are_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that is defined in the driver script needs no directory."""
    monkeypatch.setattr(tasks, "_entries", dict(tasks._entries))  # other tests know nothing of the class

    class FromTheDriver(Task):
        def run(self) -> None: ...

    tasks.register(FromTheDriver)

    assert checked(root, "tasks: {a: {task: FromTheDriver}}\n").tasks == {"a": FromTheDriver}


def test_a_file_that_cannot_be_used_has_its_problems_only(root: Path) -> None:
    """Without a definition there is nothing to check."""
    assert [one.code for one in checked(root, "tasks: [\n").problems] == ["FR102"]


NAMES = [
    "batch_size", "day", "mode", "options", "sizes", "either", "target", "by_number", "few", "code", "label",
    "depth", "tags", "kind", "rows", "nope", "0", "1",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text("ab1-", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_whatever_the_parameters_are_the_check_answers(root: Path, parameters: dict[str, object]) -> None:
    """Any parameters give problems about them or none, never an error, and agree with Pydantic on which it is."""
    job = {"tasks": {"a": {"task": "LoadSales", "parameters": parameters}}}
    found = check(load(job, root=root, environ={}), discover(root))

    is_fine = True
    try:
        found.tasks["a"].model_validate(parameters)
    except ValueError:
        is_fine = False
    assert (found.problems == ()) is is_fine
    assert all(one.path.startswith("tasks.a") and one.code in ("FR207", "FR208", "FR209") for one in found.problems)
