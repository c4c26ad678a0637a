"""What is spared while flowrun starts is not missing afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

COLLECTING = """
import gc
from flowrun.task import Task, task

@task
class Collecting(Task):
    def run(self) -> None:
        assert gc.isenabled()
"""

PLUGIN = """
from pathlib import Path

class Plugin:
    def new_schema_validator(self, schema, schema_type, schema_type_path, *args, **more):
        with Path("validators.txt").open("a") as file:
            print(schema_type_path.name, file=file)
        return None, None, None

plugin = Plugin()
"""

BROKEN = """
from pydantic import field_validator
from flowrun.task import Task, task

@task
class Sound(Task):
    def run(self) -> None:
        pass

@task
class Broken(Task):
    rows: int = 1

    @field_validator("columns")
    @classmethod
    def check(cls, value: object) -> object:
        return value

    def run(self) -> None:
        pass
"""


@pytest.mark.parametrize("executor", ["process", "thread"])
def test_tasks_have_a_garbage_collector(project: Project, executor: str) -> None:
    """It is off only until the first task starts."""
    project.task_module(COLLECTING)
    project.job({"one": {"task": "Collecting", "executor": executor}})

    assert project.run().status == 0


def test_an_installed_plugin_of_pydantic_sees_the_classes_of_tasks(project: Project) -> None:
    """The search for plugins is left out only where there are none."""
    project.file("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    project.file("thing-1.0.dist-info/entry_points.txt", "[pydantic]\nthing = thing:plugin\n")
    project.file("thing.py", PLUGIN)
    project.task_module(COLLECTING)
    project.job({"one": "Collecting"})

    assert project.run().status == 0
    assert "Collecting" in (project.root / "validators.txt").read_text().split()


def test_a_class_with_a_mistake_harms_only_those_who_use_it(project: Project) -> None:
    """The other classes of its module are as good as before; the job that names it is told what is wrong."""
    project.task_module(BROKEN)
    project.job({"one": "Sound"})
    assert project.run().status == 0

    project.job({"one": "Broken"})
    done = project.run()

    assert done.status == 3
    assert "Decorators defined with incorrect fields" in done.err
    assert "Traceback" not in done.text
