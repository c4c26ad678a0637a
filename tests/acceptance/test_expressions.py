"""Expressions: results reach other tasks, and conditions decide, through the command line."""

from __future__ import annotations

import json

import pytest

from ..project import Project

TASKS = """
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from flowrun.task import task


class Order(BaseModel):
    id: int
    tags: list[str] = []


class Loaded(BaseModel):
    rows: int
    orders: list[Order]
    extra: dict[str, int] = {}


@dataclass
class Point:
    x: int


@task
class Load(Task):
    def run(self) -> Loaded:
        return Loaded(rows=2, orders=[Order(id=7, tags=["a", "b"]), Order(id=8)])


@task
class LoadPoint(Task):
    async def run(self) -> Point:
        return Point(5)


@task
class Untold(Task):
    def run(self):
        return {"count": "many", "zero": 0}


@task
class Shows(Task):
    def run(self) -> None:
        print(os.environ["SIZE"])


@task
class Take(Task):
    number: int = 0
    label: str = ""
    loaded: Loaded | None = None
    orders: list[Order] = []
    point: Point | None = None
    anything: Any = None

    def run(self) -> int:
        print(self.number, self.label, self.loaded and self.loaded.rows, [order.id for order in self.orders])
        print(self.point, repr(self.anything))
        return self.number
"""


@pytest.fixture
def flow(project: Project) -> Project:
    """A project with tasks that return something and take something."""
    project.task_module(TASKS)
    return project


@pytest.mark.parametrize("executor", ["process", "thread"])
def test_a_result_is_read_whole_by_key_and_by_index(flow: Project, executor: str) -> None:
    """AS-14, AS-20, X-AS-03: three readers of one result, each in its own way; models come as themselves."""
    flow.job(
        {
            "whole": {"task": "Take", "executor": executor, "parameters": {"loaded": "${{ tasks.load.result }}"}},
            "key": {
                "task": "Take",
                "executor": executor,
                "parameters": {"orders": "${{ tasks.load.result.orders }}"},
            },
            "by-index": {
                "task": "Take",
                "executor": executor,
                "parameters": {
                    "number": "${{ tasks.load.result.orders[-1].id }}",
                    "label": "${{ tasks.load.result.orders[0].tags | join('+') }}, ${{ tasks.load.state }}",
                    "point": "${{ tasks.point.result }}",
                },
            },
            "load": "Load",
            "point": "LoadPoint",
        }
    )

    finished = flow.run()

    assert finished.status == 0, finished
    assert "0  2 []" in flow.log("whole")
    assert "0  None [7, 8]" in flow.log("key")
    assert "8 a+b, COMPLETED None []" in flow.log("by-index")
    assert "Point(x=5) None" in flow.log("by-index")


def test_a_reference_is_a_dependency(flow: Project) -> None:
    """AS-14: nobody has to write it; a task that fails holds back those that refer to it."""
    flow.job(
        {
            "last": {"task": "Take", "parameters": {"number": "${{ tasks.middle.result + 1 }}"}},
            "middle": {"task": "Take", "parameters": {"number": "${{ tasks.load.result.rows }}"}},
            "load": "Load",
            "held": {"task": "Take", "parameters": {"anything": "${{ tasks.broken.result }}"}},
            "broken": "Fails",
        }
    )

    finished = flow.run()

    assert finished.states == {
        "last": "COMPLETED",
        "middle": "COMPLETED",
        "load": "COMPLETED",
        "held": "DEFAULTED",
        "broken": "FAILED",
    }
    assert flow.log("last").splitlines()[0].endswith("3  None []")


def test_a_missing_key_fails_the_consumer_with_what_there_is(flow: Project) -> None:
    """AS-18: not the producer, and without another try; what may be missing has a default."""
    flow.job(
        {
            "load": "Untold",
            "use": {"task": "Take", "max_attempts": 3, "parameters": {"number": "${{ tasks.load.result.rows }}"}},
            "other": {"task": "Take", "parameters": {"number": "${{ tasks.load.result.rows | default(4) }}"}},
        }
    )

    finished = flow.run()

    assert finished.states == {"load": "COMPLETED", "use": "FAILED", "other": "COMPLETED"}
    assert (
        finished.message("use")
        == "`tasks.load.result.rows`: the result of task `load` has no `rows`; it has: count, zero"
    )
    assert finished.reason("use") == "not started"


def test_a_value_of_a_wrong_type_fails_the_consumer_with_the_value(flow: Project) -> None:
    """AS-19: what no annotation told before is validated when the task starts."""
    flow.job({"load": "Untold", "use": {"task": "Take", "parameters": {"number": "${{ tasks.load.result.count }}"}}})

    finished = flow.run()

    assert finished.states["use"] == "FAILED"
    assert "number" in finished.message("use")
    assert "many" in finished.message("use")


def test_mistakes_are_told_before_anything_runs(flow: Project) -> None:
    """AS-18, AS-19, X-AS-09: unknown tasks, paths that lead nowhere and types that do not fit, all at once."""
    flow.job(
        """
tasks:
  load: {task: Load}
  a: {task: Take, parameters: {number: "${{ tasks.laod.result }}"}}
  b: {task: Take, parameters: {number: "${{ tasks.load.result.row }}"}}
  c: {task: Take, parameters: {number: "${{ tasks.load.result.orders }}", label: "${{ tasks.load.result.rows }}"}}
  d: {task: Take, when: tasks.load.result.rows >}
"""
    )

    finished = flow.run()

    assert finished.status == 3
    assert not flow.marks()
    for code, place in (("FR304", "4:45"), ("FR210", "5:45"), ("FR211", "6:45"), ("FR211", "6:87"), ("FR303", "7:25")):
        assert f"error {code}" in finished.err
        assert f"job.yaml:{place}" in finished.err


def test_the_answer_for_machines_has_the_places(flow: Project) -> None:
    """Editors and CI show the caret under the reference."""
    flow.job('tasks: {a: {task: Take, parameters: {number: "${{ vars.n }}"}}}')

    finished = flow.command("validate", "--format", "json", "job.yaml").wait()

    (error,) = json.loads(finished.out)["files"][0]["errors"]
    assert (error["code"], error["line"], error["column"]) == ("FR306", 1, 51)


@pytest.mark.parametrize(
    ("full", "states"),
    [("false", {"sometimes": "SKIP", "after": "COMPLETED"}), ("yes", {"sometimes": "COMPLETED", "after": "COMPLETED"})],
)
def test_a_condition_leaves_a_task_out(flow: Project, full: str, states: dict[str, str]) -> None:
    """Those that depend on it go on; the text `false` of the command line is false."""
    flow.job(
        {
            "sometimes": {"task": "Take", "when": "vars.full"},
            "after": {"task": "Take", "dependencies": ["sometimes"], "when": "${{ not vars.none | default(false) }}"},
        },
        vars={"full": True},
    )

    assert flow.run("--var", f"full={full}").states == states


def test_a_restart_brings_results_back_to_expressions(flow: Project) -> None:
    """What has completed is not done again, and its result is there; AS-01 of twice in a row."""
    flow.job(
        {
            "load": "Load",
            "flaky": {"task": "FailsUntilFlag", "dependencies": ["load"], "parameters": {"flag": str(flow.flag)}},
            "use": {
                "task": "Take",
                "dependencies": ["flaky"],
                "parameters": {"number": "${{ tasks.load.result.orders[0].id }}", "loaded": "${{ tasks.load.result }}"},
            },
        }
    )
    assert flow.run().status == 1
    flow.flag.touch()

    finished = flow.run("-r")

    assert finished.states == {"load": "COMPLETED", "flaky": "COMPLETED", "use": "COMPLETED"}
    assert "7  2 []" in flow.log("use")


def test_variables_of_jobs_and_groups_may_have_expressions(flow: Project) -> None:
    """Each is filled in where it is used; those of a group may refer to tasks outside of it."""
    flow.job(
        {
            "load": "Load",
            "group": {
                "vars": {"rows": "${{ tasks.load.result.rows }}", "where": "${{ vars.base }}/in"},
                "parallel": {
                    "use": {"task": "Take", "parameters": {"number": "${{ vars.rows }}", "label": "${{ vars.where }}"}},
                    "env": {"task": "Shows", "env": {"SIZE": "${{ vars.rows > 1 }}"}},
                },
            },
        },
        vars={"base": "/data/${{ vars.region }}", "region": "eu"},
    )

    finished = flow.run("--var", "region=us")

    assert finished.status == 0, finished
    assert "2 /data/us/in None []" in flow.log("group_use~*")
    assert "true" in flow.log("group_env~*")


def test_a_job_with_references_runs_twice_in_one_process(flow: Project) -> None:
    """X-AS-01, X-AS-02: the second run has the same dependencies and the same outcome as the first."""
    flow.job({"use": {"task": "Take", "parameters": {"number": "${{ tasks.load.result.rows }}"}}, "load": "Load"})
    script = flow.file(
        "driver.py",
        "from flowrun import Flowrun\nassert [Flowrun().start('job.yaml', argv=[]) for _ in range(2)] == [0, 0]\n",
    )

    finished = flow.python(str(script)).wait()

    assert finished.status == 0, finished
    assert flow.log("use").count("2  None []") == 2
