"""What decorators say is checked as the job file is, and a problem with it names the Python file."""

from __future__ import annotations

from pathlib import Path

from flowrun.check import Checked, check
from flowrun.discovery import discover
from flowrun.jobdefinition import Outside, load

TASKS = """
from flowrun.task import Task, task

@task
def dc_plain(rows: int,
             limit: int = 3): ...

@task(executor="dc_executor", pool="dc_pool")
def dc_places(): ...

@task(
    depends_on=["nobody"],
)
class DcWaits(Task):
    def run(self): ...

@task(max_attempts="three", timeoot=3)
def dc_wrong(): ...

@task(parameters={"rows": "x"})
def dc_gives(rows: int): ...

class Store:
    @task
    def dc_method(self): ...
"""


def checked(root: Path, job: str) -> Checked:
    (root / "tasks").mkdir(exist_ok=True)
    (root / "tasks" / "decorated.py").write_text(TASKS)
    (root / "job.yaml").write_text(job)
    return check(load(str(root / "job.yaml"), Outside(root, {})), discover(root))


def told(found: Checked) -> list[tuple[str, str, str]]:
    return [(one.code, str(one.place).rpartition("/")[2], one.message) for one in found.problems]


def test_executor_pool_and_dependencies_are_looked_up(tmp_path: Path) -> None:
    """With the line of the decorator, and once more for each task that uses it."""
    job = "tasks:\n  a: {task: dc_places}\n  b: {task: DcWaits}\n  c: {task: dc_places, executor: thread}\n"

    assert told(checked(tmp_path, job)) == [
        ("FR404", "decorated.py:8", "task `a`: no executor is called `dc_executor`"),
        ("FR405", "decorated.py:8", "task `a`: no pool is called `dc_pool`"),
        ("FR405", "decorated.py:8", "task `c`: no pool is called `dc_pool`"),
        ("FR302", "decorated.py:11", "task `b` depends on `nobody`, but no task is named so"),
    ]


def test_keys_and_values_are_those_of_a_job_file(tmp_path: Path) -> None:
    """A decorator is spoken of once, however many tasks use it."""
    found = checked(tmp_path, "tasks:\n  a: {task: dc_wrong}\n  b: {task: dc_wrong}\n")

    assert told(found) == [
        ("FR105", "decorated.py:17", "@task: task `dc_wrong`: `max_attempts` must be a whole number"),
        ("FR104", "decorated.py:17", "@task: unknown key `timeoot` in task `dc_wrong`"),
    ]
    assert [one.label for one in found.problems] == ['found text "three"', "did you mean `timeout`?"]


def test_parameters_of_a_function_name_the_line_of_the_parameter(tmp_path: Path) -> None:
    """A wrong, a missing and an unknown one."""
    found = checked(tmp_path, "tasks:\n  a:\n    task: dc_plain\n    parameters: {limit: x, rovs: 1}\n")

    notes = {one.code: one.notes for one in found.problems}
    assert notes["FR207"] == ("declared in tasks/decorated.py:6 as `limit: int = 3`",)
    assert notes["FR209"] == ("declared in tasks/decorated.py:5 as `rows: int`",)
    assert notes["FR208"] == ("parameters here: rows, limit",)


def test_a_parameter_of_the_decorator_has_its_place_there(tmp_path: Path) -> None:
    """The job file has none of it."""
    assert told(checked(tmp_path, "tasks:\n  a: {task: dc_gives}\n")) == [
        ("FR207", "decorated.py:20", "task `a`: parameter `rows` of dc_gives must be a whole number")
    ]


def test_a_method_without_an_object_says_what_it_needs(tmp_path: Path) -> None:
    """Where the job names it. AS-06"""
    (problem,) = checked(tmp_path, "tasks:\n  a: {task: dc_method}\n").problems

    assert problem.code == "FR412"
    assert "`Store.dc_method` is a method and needs an object" in problem.message
    assert problem.notes == ("in tasks/decorated.py:24",)


def test_a_function_and_a_class_of_one_name_are_a_clash(tmp_path: Path) -> None:
    """Both files are named. AS-01"""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "other.py").write_text(
        "from flowrun.task import Task, task\n@task('dc_plain')\nclass Plain(Task):\n    def run(self): ...\n"
    )

    (problem,) = checked(tmp_path, "tasks:\n  a: {task: dc_plain}\n").problems

    assert (problem.code, problem.message) == ("FR403", "2 task classes or functions are called `dc_plain`")
    assert problem.notes[0] == "in tasks/decorated.py:4 and tasks/other.py:2"


def test_two_functions_of_one_file_do_not_replace_each_other(tmp_path: Path) -> None:
    """They have one name by their decorators only. AS-01"""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "same.py").write_text(
        "from flowrun.task import task\n@task('dc_same')\ndef one(): ...\n@task('dc_same')\ndef other(): ...\n"
    )

    (problem,) = checked(tmp_path, "tasks:\n  a: {task: dc_same}\n").problems

    assert problem.notes[0] == "in tasks/same.py:2 and tasks/same.py:4"
