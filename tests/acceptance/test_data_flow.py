"""Data flows between tasks by type, and a job branches, fans out, nests and grows; a restart knows all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project

TRIES = """
@task
class Tries(Traced):
    kind: str

    async def run(self) -> None:
        self.mark("start")
        if self.kind == "flaky" and self.metadata.attempt == 1:
            raise ValueError("not yet")
        if self.kind == "wrong":
            raise KeyError("wrong")
        await asyncio.sleep(600 if self.kind == "slow" else 0)
"""

EXECUTORS = pytest.mark.parametrize("executor", ["process", "thread", "async"])

TASKS = """
class Row(BaseModel):
    id: int
    region: str = "north"

class Loaded(BaseModel):
    rows: list[Row]
    empty: str = ""

@task
class Load(Traced):
    count: int = 2

    def run(self) -> Loaded:
        self.mark("start")
        return Loaded(rows=[Row(id=number) for number in range(self.count)])

@task
class Give(Traced):
    value: Any = None

    def run(self) -> Any:
        self.mark("start", value=self.value)
        return self.value

@task
class Take(Traced):
    row: Row

    def run(self) -> str:
        self.mark("start", type=type(self.row).__name__, id=self.row.id)
        return f"row {self.row.id}"

@task
class FailsOn(Traced):
    item: str
    bad: str = ""

    def run(self) -> str:
        self.mark(self.item)
        if self.item == self.bad and not os.path.exists(os.environ["MARKS"] + ".mended"):
            raise ValueError(self.item)
        return self.item.upper()

@task
class Spawns(Traced):
    fails: bool = False

    def run(self) -> None:
        self.mark("start")
        first = self.spawn("Give", {"value": 1}, name="first")
        self.spawn("Give", {"value": 2}, name="second", after=[first])
        if self.fails:
            self.spawn("Fails", name="bad")

@task
class Picks(Traced):
    def run(self) -> Any:
        self.spawn("Give", {"value": {"chosen": True}}, name="it", stands_in=True)

@task
class LeavesOut(Traced):
    def run(self) -> None:
        self.mark("start")
        self.leave_out_rest()
"""

HEAD = "from typing import Any\nfrom pydantic import BaseModel\n"


@pytest.fixture
def flow(project: Project) -> Project:
    project.task_module(HEAD + TASKS)
    return project


def values(done: Finished) -> dict[str, Any]:
    return {name: task.get("result") for name, task in ((one["name"], one) for one in done.report["tasks"])}


@EXECUTORS
def test_a_result_reaches_its_consumer_as_what_it_is(flow: Project, executor: str) -> None:
    """A model comes back as itself, a reference makes the dependency, one result is read in any way. AS-14, AS-20"""
    flow.job(
        {
            "take": {"task": "Take", "executor": executor, "parameters": {"row": "${{ tasks.load.result.rows[1] }}"}},
            "load": {"task": "Load", "executor": executor},
            "give": {"task": "Give", "parameters": {"value": "${{ tasks.load.result.rows[0].region }} ${{ 1 + 1 }}"}},
            "all": {"task": "Give", "executor": executor, "parameters": {"value": ["${{ tasks.take.result }}", 3]}},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("take", "start")[0].more == {"type": "Row", "id": 1}
    assert flow.marks("give", "start")[0].more == {"value": "north 2"}
    assert flow.marks("all", "start")[0].more == {"value": ["row 1", 3]}


@pytest.mark.parametrize("value", [0, "", False, [], {}], ids=str)
def test_falsy_values_are_values(flow: Project, value: Any) -> None:
    """What is stored is what was returned. F2-06, X-F2-05"""
    flow.job(
        {
            "a": {"task": "Give", "parameters": {"value": value}},
            "b": {"task": "Give", "parameters": {"value": "${{ tasks.a.result }}"}},
        }
    )

    assert flow.run().status == 0
    assert flow.marks("b", "start")[0].more == {"value": value}


def test_a_missing_key_fails_the_consumer(flow: Project) -> None:
    """It names task, path and what there was; the producer stays completed, and no other try is made. AS-18"""
    flow.job(
        {
            "a": {"task": "Give", "parameters": {"value": {"rows": 1, "path": "x"}}},
            "b": {"task": "Give", "max_attempts": 3, "parameters": {"value": "${{ tasks.a.result.row }}"}},
        }
    )

    done = flow.run()

    assert done.status == 1
    assert done.states == {"a": "COMPLETED", "b": "FAILED"}
    assert all(word in done.message("b") for word in ("tasks.a.result.row", "rows", "path"))
    assert flow.count("b") == 0
    assert done.moves("b") == "_PRF"


def test_results_come_back_in_a_restart(flow: Project) -> None:
    """The producer does not run again, the consumer gets what it returned."""
    flow.job(
        {
            "load": "Load",
            "take": {"task": "Take", "parameters": {"row": "${{ tasks.load.result.rows[0] }}"}},
            "bad": {"task": "FailsOn", "parameters": {"item": "${{ tasks.take.result }}", "bad": "row 0"}},
            "last": {
                "task": "Take",
                "dependencies": ["bad"],
                "parameters": {"row": "${{ tasks.load.result.rows[1] }}"},
            },
        }
    )
    assert flow.run().status == 1
    (flow.aside / "marks.mended").touch()

    done = flow.run("-r")

    assert done.status == 0, done
    assert flow.count("load") == 1
    assert flow.marks("last", "start")[0].more == {"type": "Row", "id": 1}


def test_a_false_condition_leaves_a_task_out(flow: Project) -> None:
    """Its dependents go on."""
    flow.job(
        {
            "a": {"task": "Give", "parameters": {"value": 3}},
            "b": {"task": "Step", "when": "tasks.a.result > 5"},
            "c": {"task": "Step", "dependencies": ["b"], "when": "${{ tasks.a.result == 3 }}"},
        }
    )

    done = flow.run()

    assert done.status == 0
    assert done.states == {"a": "COMPLETED", "b": "SKIP", "c": "COMPLETED"}


def test_a_cleanup_runs_after_a_failure_and_the_run_stays_red(flow: Project) -> None:
    """`run_if: always` sees what became of the others; `failure` alerts."""
    flow.job(
        {
            "a": "Fails",
            "b": {"task": "Step", "dependencies": ["a"]},
            "end": {
                "task": "Give",
                "dependencies": ["b"],
                "run_if": "always",
                "parameters": {"value": "${{ tasks.a.state }} ${{ tasks.b.state }}"},
            },
            "alert": {"task": "Step", "dependencies": ["a"], "run_if": "failure"},
            "no": {"task": "Step", "dependencies": ["end"], "run_if": "failure"},
        }
    )

    done = flow.run()

    assert done.status == 1
    assert done.states == {"a": "FAILED", "b": "DEFAULTED", "end": "COMPLETED", "alert": "COMPLETED", "no": "SKIP"}
    assert flow.marks("end", "start")[0].more == {"value": "FAILED DEFAULTED"}


def test_a_cleanup_runs_when_the_job_is_stopped(flow: Project) -> None:
    """After SIGTERM what runs is aborted, then `always` tasks run, and the status tells of the signal."""
    flow.job(
        {
            "a": {"task": "Step", "parameters": {"seconds": 60}},
            "end": {"task": "Step", "dependencies": ["a"], "run_if": "always"},
        }
    )
    started = flow.start()
    flow.wait_for_mark("a")

    started.signal(15)
    done = started.wait()

    assert done.status == 143
    assert done.states == {"a": "ABORTED", "end": "COMPLETED"}


def test_groups_nest_and_give_their_results_by_key(flow: Project) -> None:
    """Serial in parallel in serial; a dependency on a group means all of it. PW-07, PW-08, F2-05"""
    one = {"task": "Give", "parameters": {"value": 1}}
    flow.job(
        {
            "etl": {
                "serial": {
                    "a": one,
                    "both": {
                        "parallel": {
                            "x": one,
                            "y": {"task": "Give", "parameters": {"value": "${{ tasks.x.result + 1 }}"}},
                        }
                    },
                    "z": {"task": "Give", "parameters": {"value": "${{ tasks.both.result.y + tasks.a.result }}"}},
                }
            },
            "after": {"task": "Give", "parameters": {"value": "${{ tasks.etl.result }}"}},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("after", "start")[0].more == {"value": {"a": 1, "both": {"x": 1, "y": 2}, "z": 3}}
    assert done.states["etl"] == done.states["etl/both/y"] == "COMPLETED"


def test_a_failure_in_a_serial_group_fails_it(flow: Project) -> None:
    """The rest does not start, whoever waits for the group is held back, and the status says so. F2-03, X-F2-01"""
    flow.job(
        {
            "g": {"serial": {"a": {"task": "Step"}, "b": {"task": "Fails"}, "c": {"task": "Step"}}},
            "after": {"task": "Step", "dependencies": ["g"]},
        }
    )

    done = flow.run()

    assert done.status == 1
    assert done.states == {"g": "FAILED", "g/a": "COMPLETED", "g/b": "FAILED", "g/c": "DEFAULTED", "after": "DEFAULTED"}


def test_a_group_may_go_on_after_a_failure(flow: Project) -> None:
    """`on_failure: continue` runs the rest; `allow_failures` lets the group complete. PW-09, F2-04"""
    flow.job(
        {
            "g": {
                "on_failure": "continue",
                "allow_failures": 1,
                "serial": {"a": {"task": "Fails"}, "b": {"task": "Step"}},
            },
            "after": {"task": "Step", "dependencies": ["g"]},
        }
    )

    done = flow.run()

    assert done.states == {"g": "COMPLETED", "g/a": "FAILED", "g/b": "COMPLETED", "after": "COMPLETED"}


def test_a_member_can_leave_out_the_rest(flow: Project) -> None:
    """Later members of the group are left out, the job goes on. PW-04"""
    flow.job(
        {
            "g": {"serial": {"a": {"task": "LeavesOut"}, "b": {"task": "Step"}}},
            "after": {"task": "Step", "dependencies": ["g"]},
        }
    )

    done = flow.run()

    assert done.status == 0
    assert done.states == {"g": "COMPLETED", "g/a": "COMPLETED", "g/b": "SKIP", "after": "COMPLETED"}


@EXECUTORS
def test_a_fan_performs_its_task_for_each_item(flow: Project, executor: str) -> None:
    """The items come from another task's result, its own result is the list in order."""
    flow.job(
        {
            "load": {"task": "Load", "parameters": {"count": 5}},
            "fan": {
                "task": "Take",
                "executor": executor,
                "foreach": {"items": "${{ tasks.load.result.rows }}", "key": "id"},
                "parameters": {"row": "${{ item }}"},
                "max_concurrency": 2,
            },
            "after": {"task": "Give", "parameters": {"value": "${{ tasks.fan.result }}"}},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("after", "start")[0].more == {"value": [f"row {number}" for number in range(5)]}
    assert flow.count("fan[3]") == 1


def test_only_the_items_that_did_not_complete_run_again(flow: Project) -> None:
    """Each item is restartable on its own; the plan says how many are kept."""
    flow.job(
        {
            "fan": {"task": "FailsOn", "foreach": ["a", "b", "c"], "parameters": {"item": "${{ item }}", "bad": "b"}},
            "after": {"task": "Give", "parameters": {"value": "${{ tasks.fan.result }}"}},
        }
    )
    first = flow.run()
    assert first.status == 1
    assert first.states["fan"] == "FAILED"
    assert first.states["after"] == "DEFAULTED"
    (flow.aside / "marks.mended").touch()

    done = flow.run("-r")

    assert done.status == 0, done
    assert {item: flow.count(f"fan[{item}]", item) for item in "abc"} == {"a": 1, "b": 2, "c": 1}
    assert flow.marks("after", "start")[0].more == {"value": ["A", "B", "C"]}


def test_each_item_has_its_own_tries_and_time(flow: Project) -> None:
    """Pauses between tries, `retry_on` and `timeout` count item by item; what became of each is told. X-CF-23, X-CF-25

    The history tells it, of any item that failed, without a service beside it.
    """
    flow.task_module(TRIES)
    flow.job(
        {
            "fan": {
                "task": "Tries",
                "foreach": ["good", "flaky", "slow", "wrong"],
                "parameters": {"kind": "${{ item }}"},
                "max_attempts": 2,
                "backoff": {"first": "100ms", "jitter": True},
                "retry_on": ["ValueError"],
                "timeout": "2s",
            }
        }
    )

    done = flow.run()

    assert done.status == 1
    assert {kind: flow.count(f"fan[{kind}]") for kind in ("good", "flaky", "slow", "wrong")} == {
        "good": 1,
        "flaky": 2,
        "slow": 1,
        "wrong": 1,
    }
    first, second = flow.marks("fan[flaky]", "start")
    assert second.at - first.at >= 0.05
    told = {kind: flow.command("explain", "@last", f"fan[{kind}]").wait().out for kind in ("slow", "wrong")}
    assert "took longer than 2 s" in told["slow"]
    assert "KeyError: 'wrong' at tasks/mine.py" in told["wrong"]


def test_a_share_of_the_items_may_fail(flow: Project) -> None:
    """`allow_failures: 34%` of three is one."""
    flow.job(
        {
            "fan": {
                "task": "FailsOn",
                "foreach": ["a", "b", "c"],
                "allow_failures": "34%",
                "parameters": {"item": "${{ item }}", "bad": "b"},
            },
            "after": {"task": "Give", "parameters": {"value": "${{ tasks.fan.result }}"}},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("after", "start")[0].more == {"value": ["A", None, "C"]}


def test_a_matrix_runs_each_combination(flow: Project) -> None:
    """`include` and `exclude` change the set."""
    flow.job(
        {
            "m": {
                "task": "Give",
                "matrix": {"os": ["linux", "mac"], "py": [311, 312], "exclude": [{"os": "mac", "py": 311}]},
                "parameters": {"value": "${{ matrix.os }}-${{ matrix.py }}"},
            },
            "after": {"task": "Give", "parameters": {"value": "${{ tasks.m.result }}"}},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("after", "start")[0].more == {"value": ["linux-311", "linux-312", "mac-312"]}


@EXECUTORS
def test_a_task_can_add_tasks_while_it_runs(flow: Project, executor: str) -> None:
    """They run before whatever waits for it. PW-02, PW-55"""
    flow.job({"a": {"task": "Spawns", "executor": executor}, "b": {"task": "Step", "dependencies": ["a"]}})

    done = flow.run()

    assert done.status == 0, done
    starts = [mark.label for mark in flow.marks(what="start")]
    assert starts == ["a", "a/first", "a/second", "b"]
    assert done.states["a/second"] == "COMPLETED"


def test_added_tasks_are_known_to_a_restart(flow: Project) -> None:
    """What completed is kept, what failed runs again, and the one that added them does not run."""
    flow.job({"a": {"task": "Spawns", "parameters": {"fails": True}}, "b": {"task": "Step", "dependencies": ["a"]}})
    first = flow.run()
    assert first.states == {
        "a": "COMPLETED",
        "a/first": "COMPLETED",
        "a/second": "COMPLETED",
        "a/bad": "FAILED",
        "b": "DEFAULTED",
    }

    done = flow.run("-r")

    assert done.status == 1
    assert (flow.count("a"), flow.count("a/first"), flow.count("a/bad")) == (1, 1, 2)


def test_an_added_task_can_stand_in_for_the_one_that_added_it(flow: Project) -> None:
    """Its result is the result of the other. PW-55"""
    flow.job({"a": "Picks", "b": {"task": "Give", "parameters": {"value": "${{ tasks.a.result.chosen }}"}}})

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("b", "start")[0].more == {"value": True}


def test_a_task_starts_when_enough_of_its_dependencies_completed(flow: Project) -> None:
    """Continue after any two of three. PW-53"""
    flow.job(
        {
            "a": "Step",
            "b": "Step",
            "c": "Fails",
            "go": {"task": "Step", "dependencies": ["a", "b", "c"], "min_completed": 2},
        }
    )

    done = flow.run()

    assert done.states == {"a": "COMPLETED", "b": "COMPLETED", "c": "FAILED", "go": "COMPLETED"}
