"""The check: everything that is wrong with a job, all at once, at its place, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.check import check
from flowrun.discovery import discover
from flowrun.jobdefinition import Outside, load
from flowrun.task import Task, tasks

from .sales import MODULE, checked, line_of, problem, problems_of


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

    found = check(load(job, Outside(root, {})), discover(root)).problems

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
