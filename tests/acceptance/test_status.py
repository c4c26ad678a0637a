"""An unfinished run can be looked at, with its values and without its secrets."""

from __future__ import annotations

import json
import shutil

import pytest

from ..project import Project

TASKS = """
import numpy
from dataclasses import dataclass
from flowrun.task import task


@dataclass
class Row:
    id: int
    token: str


@task
class Load(Task):
    def run(self):
        self.shared_dict["token"] = self.env["TOKEN"]
        self.shared_dict["long"] = "x" * 5000
        return Row(1, "Bearer " + self.env["TOKEN"])


@task
def block() -> object:
    return numpy.zeros((100, 200))
"""


@pytest.fixture
def shop(project: Project) -> Project:
    """A job that has failed, and that knows a secret."""
    project.environment["TOKEN"] = "open-sesame"
    project.task_module(TASKS)
    fan = {"task": "Fails", "foreach": ["eu"]}
    project.job({"load": {"task": "Load", "secrets": ["TOKEN"]}, "block": "block", "each": fan, "end": "Step"})
    assert project.run().status == 1
    return project


def test_the_newest_unfinished_run_is_shown_as_a_tree(shop: Project) -> None:
    """Without a name; with its id or the beginning of it; and for programs. Issue 3, 1"""
    shown = shop.command("status").wait()
    record = json.loads(shop.command("status", "@last", "--json").wait().out)
    named = shop.command("status", record["run"][:6]).wait()

    assert shown.status == 0
    by_job = shop.command("status", record["job"]).wait()
    assert (by_job.status, f"`flowrun runs --job {record['job']}` lists its runs" in by_job.err) == (2, True)
    assert [line.split()[1:3] for line in shown.out.splitlines()[1:6]] == [
        ["load", "completed"],
        ["block", "completed"],
        ["each", "failed"],
        ["[eu]", "failed"],
        ["end", "completed"],
    ]
    assert named.out == shown.out
    assert ("each[eu]", "FAILED", 1) in [(it["name"], it["state"], it["attempts"]) for it in record["tasks"]]


def test_values_are_shown_without_secrets(shop: Project) -> None:
    """Results of any type, sizes of large ones, shared values; a secret is `***` wherever it stands. Issue 3, 1"""
    text = shop.command("status", "-j", "job.yaml", "--values").wait().out
    record = json.loads(shop.command("status", "-j", "job.yaml", "--values", "--json").wait().out)

    assert '  load    {"id": 1, "token": "Bearer ***"}' in text.splitlines()
    assert "<array float64 100 × 200 of 160,128 bytes>" in text
    assert "(5,002 characters)" in text
    assert record["shared"] == {"token": "***", "long": "x" * 5000}
    assert record["results"]["load"] == {"id": 1, "token": "Bearer ***"}
    assert "sesame" not in text + json.dumps(record)


def test_without_a_history_a_run_is_shown_as_it_is_kept(shop: Project) -> None:
    """By its checkpointer; values are not shown of a job that is not known, for then its secrets are not known."""
    shutil.rmtree(shop.root / ".flowrun" / "history")

    shown, values = shop.command("status").wait(), shop.command("status", "--values").wait()
    record = json.loads(shop.command("status", "-j", "job.yaml", "--values", "--json").wait().out)

    assert [line.split()[1] for line in shown.out.splitlines()[1:3]] == ["load", "block"]
    assert (values.status, "no job was given" in values.err, values.out) == (2, True, "")
    assert record["results"]["load"] == {"id": 1, "token": "Bearer ***"}


def test_a_run_that_is_not_kept_is_said_to_be_none(project: Project) -> None:
    """That there is nothing is no mistake; to name a run that is not there is one."""
    none, unknown = project.command("status").wait(), project.command("status", "7f3a").wait()

    assert (none.status, none.err) == (0, "no run is in the history, and no unfinished run is kept\n")
    where = f"no run is in the history of {project.root}; -C names another project\n"
    assert project.command("runs").wait().err == where
    assert (unknown.status, "no run begins with '7f3a'" in unknown.err) == (2, True)
