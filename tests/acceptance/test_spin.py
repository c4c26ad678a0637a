"""One task can be performed alone, with the inputs of a run or with given ones."""

from __future__ import annotations

import json

import pytest

from ..project import Project

TASKS = """
import numpy
from flowrun.task import task


@task
class Note(Task):
    def run(self):
        self.shared_dict["day"] = "monday"


@task
def rows() -> dict:
    return {"ids": [1, 2], "block": numpy.arange(20_000.0)}


@task
class Total(Traced):
    ids: list[int]
    block: object = None
    factor: int = 1

    def run(self):
        self.mark("run")
        print("adding", self.ids, self.shared_dict.get("day"))
        if self.factor < 0:
            raise ValueError("negative")
        return {"sum": sum(self.ids) * self.factor, "block": 0 if self.block is None else int(self.block.sum())}
"""

JOB = {
    "rows": {"task": "rows"},
    "note": {"task": "Note"},
    "etl": {
        "when": "${{ tasks.rows.result.ids[0] == 1 }}",
        "serial": {
            "total": {
                "task": "Total",
                "parameters": {
                    "ids": "${{ tasks.rows.result.ids }}",
                    "block": "${{ tasks.rows.result.block }}",
                    "factor": -1,
                },
                "dependencies": ["note"],
                "max_attempts": 2,
            },
        },
    },
    "after": {"task": "Total", "parameters": {"ids": [5]}, "dependencies": ["etl"]},
}


@pytest.fixture
def shop(project: Project) -> Project:
    """A job of which one task has failed."""
    project.task_module(TASKS)
    project.job(JOB)
    assert project.run().status == 1
    return project


def test_a_task_is_performed_with_the_inputs_of_a_run(shop: Project) -> None:
    """Results, large ones too, and shared values are those of the run, which stays as it is. Issue 3, 4"""
    before = shop.command("status", "--json").wait().out

    failed = shop.command("spin", "etl/total", "-j", "job.yaml", "--run", "@last").wait()
    mended = shop.command("spin", "etl/total", "-j", "job.yaml", "--run", "@last", "--input", "factor=2").wait()

    assert (failed.status, "ValueError: negative" in failed.err) == (1, True), failed
    assert (mended.status, json.loads(mended.out)) == (0, {"sum": 6, "block": 199990000}), mended
    assert "etl/total | adding [1, 2] monday" in mended.err
    assert shop.hooks("etl/total").count("on_restart") == 0
    assert shop.command("status", "--json").wait().out == before
    assert shop.run("-r", "--yes").states["rows"] == "COMPLETED"


def test_a_task_is_performed_with_given_inputs(shop: Project) -> None:
    """Without a run; by an executor of choice. Issue 3, 4"""
    words = ("--input", "ids=[3]", "--input", "block=null", "--input", "factor=3", "--executor", "thread")

    done = shop.command("spin", "etl/total", "job.yaml", *words).wait()

    assert (done.status, json.loads(done.out)) == (0, {"sum": 9, "block": 0}), done
    assert "adding [3] None" in done.err


def test_one_item_of_a_fan_is_performed(shop: Project) -> None:
    """With its own inputs; the other items are not performed. UX: spin"""
    total = {"task": "Total", "parameters": {"ids": "${{ tasks.rows.result.ids }}", "factor": "${{ item.value }}"}}
    shop.job(
        {**JOB, "each": {**total, "foreach": {"eu": 2, "us": -1, "asia": 3}, "executor": "thread"}}, file="fan.yaml"
    )
    assert shop.run(job="fan.yaml").status == 1
    before = len(shop.marks())

    done = shop.command("spin", "each[eu]", "fan.yaml", "--run", "@last").wait()
    failed = shop.command("spin", "each[us]", "fan.yaml", "--run", "@last", "--executor", "process").wait()
    unknown = shop.command("spin", "each[asai]", "fan.yaml", "--run", "@last").wait()

    assert (done.status, json.loads(done.out)) == (0, {"sum": 6, "block": 0}), done
    assert (failed.status, "failed each[us]   ValueError: negative" in failed.err) == (1, True), failed
    assert (unknown.status, "no item 'each[asai]'; did you mean 'each[asia]'?" in unknown.err) == (2, True), unknown
    assert {mark.label for mark in shop.marks()[before:]} == {"each[eu]", "each[us]"}


REFUSED = [
    (("etl/total",), 2, "needs the result of 'rows' for 'ids', and 'rows' is not performed: give it with `--input ids"),
    (("after", "--input", "idz=1"), 2, "has no parameter idz; it has: ids, block, factor"),
    (("after[eu]",), 2, "no task is named 'after[eu]'"),
    (("afetr",), 2, "did you mean 'after'?"),
    (("etl",), 2, "is a group"),
    (("after", "--executor", "dusk"), 2, "no executor is called 'dusk'; there are: process"),
    (("after", "--run", "zzz"), 5, "no unfinished run 'zzz'"),
    (("after", "--input", "ids"), 2, "KEY=VALUE"),
    (("after", "--input", "ids=many"), 1, "ids"),
]


def test_what_cannot_be_performed_is_said(shop: Project) -> None:
    """With the way out, and nothing is performed."""
    marks = len(shop.marks())
    started = [(shop.command("spin", *words, "-j", "job.yaml"), status, said) for words, status, said in REFUSED]

    for one, status, said in started:
        done = one.wait()
        assert (done.status, said in done.err) == (status, True), done
    assert len(shop.marks()) == marks
