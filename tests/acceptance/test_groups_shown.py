"""Groups, items and added tasks as people see them: what is checked, shown, drawn, and told of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

JOB = """
config: {name: grouped}
tasks:
  first: {task: Step}
  etl:
    depends_on: [first]
    serial:
      extract:
        parallel:
          eu: {task: Step}
          us: {task: Step}
      load: {task: Step, foreach: {file: days.csv, key: day}, dependencies: [extract/eu]}
  none: {parallel: {}}
  last: {task: Step, dependencies: [etl, etl/extract/us]}
"""


@pytest.fixture
def grouped(project: Project) -> Project:
    """A job with groups in groups."""
    project.job(JOB)
    return project


def test_groups_to_any_depth_are_valid(grouped: Project) -> None:
    """Tasks are counted, groups are not; an empty group is none the worse. PW-07, F2-05, F2-12"""
    done = grouped.command("validate", "job.yaml").wait()

    assert (done.status, done.err) == (0, "ok job.yaml: 5 tasks\n")


def test_groups_are_drawn(grouped: Project) -> None:
    """The members stand in their group. PW-08"""
    done = grouped.command("graph", "job.yaml").wait()

    assert done.out.splitlines() == [
        "first",
        "└── etl (serial)",
        "    │ ┆ extract (parallel)",
        "    │ ┆   ┆ eu",
        "    │ ┆   ┆ us",
        "    │ ┆ load",
        "    └── last",
        "none (parallel)",
    ]


def test_full_names_are_the_names_of_tasks(grouped: Project) -> None:
    """`graph --json` lists them with their dependencies, those of the order of a serial group too. PW-01, F2-03"""
    done = grouped.command("graph", "job.yaml", "--json").wait()

    dependencies = {task["name"]: task["dependencies"] for task in json.loads(done.out)["tasks"]}
    assert dependencies == {
        "first": [],
        "etl": ["first"],
        "etl/extract": [],
        "etl/extract/eu": [],
        "etl/extract/us": [],
        "etl/load": ["etl/extract/eu", "etl/extract"],
        "none": [],
        "last": ["etl", "etl/extract/us"],
    }


def test_what_can_never_start_is_refused(project: Project) -> None:
    """Not waited for. PW-10, X-PW-05"""
    project.job("tasks:\n  g:\n    parallel:\n      a: {task: Step, dependencies: [g]}\n")

    done = project.command("validate", "job.yaml").wait()

    assert done.status == 3
    assert "FR301: task `g/a` depends on its own group `g`, which waits for it" in done.err
    assert "job.yaml:4:38" in done.err


def test_unknown_keys_in_groups_are_refused_with_their_path(project: Project) -> None:
    """Deep inside, and on a group what only a task can have. F2-12, X-F2-09"""
    project.job(
        "tasks:\n  g:\n    timeout: 5\n    serial: {a: {task: Step}}\n"
        "  h:\n    parallel:\n      i:\n        serial:\n          b: {task: Step, plugin: x}\n"
    )

    done = project.command("validate", "job.yaml", "--json").wait()

    errors = json.loads(done.out)["files"][0]["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("FR105", "tasks.g"),
        ("FR104", "tasks.h.parallel.i.serial.b.plugin"),
    ]
    assert errors[1]["message"] == "unknown key `plugin` in task `h/i/b`"


def test_items_in_the_job_file_are_checked(project: Project) -> None:
    """Before anything runs, with place; what a file or an expression gives is not."""
    project.job("tasks:\n  a: {task: Step, foreach: 'eu, us'}\n  b: {task: Step, foreach: {file: no-such.csv}}\n")

    done = project.command("validate", "job.yaml").wait()

    assert done.status == 3
    assert "FR115: task `a`: `foreach`: items must be a list or a mapping, found text" in done.err
    assert "1 error" in done.err


FLOW = """
config: {name: flow}
tasks:
  etl:
    serial:
      days: {task: Odd, foreach: [1, 2, 3], parameters: {n: "${{ item }}"}, allow_failures: 2}
      load: {task: Adds}
  old:
    when: 1 > 2
    parallel: {x: {task: Step}, y: {task: Step}}
  alert: {task: Step, run_if: failure, dependencies: [etl]}
"""

MINE = """
@task
class Odd(Task):
    n: int

    def run(self) -> None:
        if self.n % 2:
            raise ValueError(f"{self.n} is odd")


@task
class Adds(Task):
    def run(self) -> None:
        self.spawn("Step", name="more")
"""


@pytest.fixture
def flow(project: Project) -> Project:
    """A job with a group, items of which some may fail, a condition, a task for failures, and an added task."""
    project.task_module(MINE)
    project.job(FLOW)
    return project


def test_a_run_counts_items_and_added_tasks_and_no_groups(flow: Project) -> None:
    """What is left out says why, what may fail is told as such, a group that is left out stands for its members."""
    done = flow.run("--output", "lines")

    said = [line.partition("Z ")[2] for line in done.err.splitlines()]
    assert done.status == 0, done
    assert "flow" in done.err.splitlines()[0]
    assert "5 tasks" in done.err.splitlines()[0]
    assert "skipped old: when `1 > 2` is false" in said
    assert "skipped alert: nothing failed" in said
    assert "started etl/days: 3 items" in said
    assert "started etl/load/more" in said
    assert not [line for line in said if "old/x" in line or line.startswith("started etl ")]
    assert "3 completed · 3 skipped · 2 allowed to fail" in done.err.splitlines()[-1]


def test_the_report_tells_groups_items_and_reasons_apart(flow: Project) -> None:
    """For programs: kinds, how many items came to what, why something is left out, what is allowed."""
    done = flow.run()

    assert done.task("etl")["kind"] == "group"
    assert (done.task("etl/days")["kind"], done.task("etl/days")["items"]) == ("items", {"FAILED": 2, "COMPLETED": 1})
    assert (done.task("etl/days[1]")["kind"], done.task("etl/days[1]")["is_allowed"]) == ("item", True)
    assert done.task("old/x")["left_out_because"] == "'old' is left out"
    assert (done.report["exit_status"], done.report["root_cause"]) == (0, None)
    assert '"event": "ItemsFound"' in done.out
    logs = [path.name for path in flow.root.glob("logs/*/*.log")]
    with_a_log = sorted(name[:11] for name in logs if "days" in name)  # those that said something
    assert with_a_log == ["etl_days[1]", "etl_days[3]"]


def test_a_restart_says_how_many_items_are_kept(flow: Project) -> None:
    """And performs the others; the plan for programs has the numbers too."""
    flow.job(FLOW.replace(", allow_failures: 2", ""))
    assert flow.run().status == 1

    text = flow.command("plan", "job.yaml", "-r").wait().out
    rows = json.loads(flow.command("plan", "job.yaml", "-r", "--json").wait().out)["tasks"]

    assert "  rerun     days   failed; for each of 3 items, 1 of them kept" in text.splitlines()
    assert next((row["items"], row["items_kept"]) for row in rows if row["task"] == "etl/days") == (3, 1)
    done = flow.run("-r")
    assert [(event["items"], event["kept"]) for event in events(done.out, "ItemsFound")] == [(3, 1)]


def events(out: str, kind: str) -> list[dict[str, object]]:
    records = [json.loads(line) for line in out.splitlines()]
    return [record["body"] for record in records if record["event"] == kind]


def test_groups_and_members_can_be_chosen_and_items_cannot(flow: Project) -> None:
    """A group means all of it; for an item, or an added task, the message says what to choose. PW-01"""
    done = flow.run("--only", "etl")
    assert {name for name, state in done.states.items() if state == "SKIP"} == {"old", "old/x", "old/y", "alert"}
    assert flow.run("--only", "etl/load").states["etl/days"] == "SKIP"

    item = flow.command("plan", "job.yaml", "--only", "etl/days[2]").wait()
    added = flow.command("plan", "job.yaml", "--from", "etl/load/more").wait()

    assert (item.status, added.status) == (2, 2)
    assert "items cannot be chosen one by one: 'etl/days' means all of them" in item.err
    assert "what 'etl/load' adds while it runs cannot be chosen" in added.err


def test_a_task_is_explained(flow: Project) -> None:
    """What it waits for, and why. PW-08"""
    done = flow.command("explain", "etl/load", "-j", "job.yaml").wait()

    assert "  waits for      etl/days (it stands before it)" in done.out.splitlines()
    assert flow.command("explain", "etl/lod", "-j", "job.yaml").wait().status == 2
    (flow.root / "jobs").mkdir()
    (flow.root / "job.yaml").rename(flow.root / "jobs/named.yaml")
    by_name = flow.command("explain", "etl/load", "-j", "named").wait()
    assert by_name.out == done.out.replace("job.yaml", "jobs/named.yaml")


def test_one_of_several_tasks_is_chosen_while_the_job_runs(project: Project) -> None:
    """`Choose` runs it in its place; `Noop` is a point where others come together. PW-55, PW-56"""
    among = {"one": {"task": "Step"}, "other": {"task": "Fails"}}
    project.job(
        {
            "pick": {"task": "Choose", "parameters": {"choice": "${{ vars.which }}", "among": among}},
            "join": {"task": "Noop", "dependencies": ["pick"]},
        },
        vars={"which": "one"},
    )

    assert project.run().states == {"pick": "COMPLETED", "pick/one": "COMPLETED", "join": "COMPLETED"}
    other = project.run("--var", "which=other")
    assert (other.status, other.states["pick/other"], other.states["join"]) == (1, "FAILED", "DEFAULTED")
    project.job({"pick": {"task": "Choose", "parameters": {"choice": "one", "among": {"one": {"task": "Stepp"}}}}})
    assert "no task class is called 'Stepp'; did you mean 'Step'?" in project.command("validate", "job.yaml").wait().err
