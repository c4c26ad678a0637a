"""A restart knows items and added tasks, also after a second crash, and a run never ends in a crash of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

TASKS = '''
from typing import Any

def is_there(flag: str) -> bool:
    return os.path.exists(os.environ["MARKS"] + flag)

@task
class Give(Traced):
    value: Any = None

    def run(self) -> Any:
        self.mark("start", value=self.value, x=os.environ.get("X_Y"))
        return self.value

@task
class AwaitingGive(Traced):
    async def run(self) -> None:
        self.mark("start")

@task
class Waits(Traced):
    def run(self) -> None:
        self.mark("start")
        while not is_there(".go"):
            time.sleep(0.01)

@task
class Mended(Traced):
    """Fails on `bad` until there is a flag."""

    item: str = "bad"

    def run(self) -> str:
        self.mark("start")
        if self.item == "bad" and not is_there(".mended"):
            raise ValueError("planned")
        return self.item

@task
class Adds(Traced):
    what: str
    parameters: dict[str, Any] = {}
    keys: dict[str, Any] = {}
    stands_in: bool = False

    def run(self) -> None:
        self.mark("start")
        self.spawn(self.what, self.parameters, name="x", stands_in=self.stands_in, **self.keys)

@task
class LeavesOut(Traced):
    def run(self) -> None:
        self.mark("start")
        self.leave_out_rest()

class Odd:
    @property
    def part(self) -> int:
        raise RuntimeError("odd")

@task
class GiveOdd(Traced):
    async def run(self) -> Any:
        return Odd()
'''

FAN = {"task": "Mended", "foreach": ["good", "bad", "fine"], "parameters": {"item": "${{ item }}"}}


@pytest.fixture
def flow(project: Project) -> Project:
    project.task_module(TASKS)
    return project


def put(flow: Project, flag: str) -> None:
    (flow.aside / f"marks{flag}").touch()


def adds(what: str, **more: object) -> dict[str, object]:
    return {"task": "Adds", "parameters": {"what": what, **more}}


@pytest.mark.parametrize("checkpointer", ["FileCheckpointer", "SQLiteCheckpointer"])
def test_a_second_crash_forgets_no_item_and_no_added_task(flow: Project, checkpointer: str) -> None:
    """The restart is killed before it comes to them; the next one still knows what had completed."""
    kept = {"checkpointer": {"checkpointer": checkpointer}}
    flow.job({"fan": FAN, "a": adds("Give"), "last": {"task": "Mended", "dependencies": ["a"]}}, **kept)
    assert flow.run().status == 1
    flow.job({"gate": "Waits", "fan": {**FAN, "dependencies": ["gate"]}, "a": adds("Give"), "last": "Mended"}, **kept)
    restarted = flow.start("-r")
    flow.wait_for_mark("gate")
    restarted.kill()
    put(flow, ".go")
    put(flow, ".mended")

    assert flow.run("-r").status == 0
    assert [flow.count(name) for name in ("fan[good]", "fan[bad]", "fan[fine]")] == [1, 2, 1]
    assert (flow.count("a"), flow.count("a/x")) == (1, 1)


def test_what_an_item_added_and_failed_runs_again_and_not_the_item(flow: Project) -> None:
    """The fan fails with it, and the report says so. PW-02"""
    flow.job({"fan": {**adds("Mended"), "foreach": ["a", "b"]}, "last": {"task": "Step", "dependencies": ["fan"]}})
    first = flow.run()
    assert first.status == 1
    assert (first.states["fan"], first.states["fan[a]/x"], first.states["last"]) == ("FAILED", "FAILED", "DEFAULTED")
    put(flow, ".mended")

    assert flow.run("-r").status == 0
    assert (flow.count("fan[a]"), flow.count("fan[a]/x"), flow.count("last")) == (1, 2, 1)


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (adds("Waits", keys={"at_most_once": True}), "a/x"),
        ({"task": "Waits", "at_most_once": True, "foreach": ["x", "y"], "max_concurrency": 1}, "a[x]"),
    ],
)
def test_what_may_run_once_is_not_started_again_after_a_crash(
    flow: Project, task: dict[str, object], name: str
) -> None:
    """Neither an added task nor an item, however often the run is continued."""
    flow.job({"a": task})
    started = flow.start()
    flow.wait_for_mark(name)
    started.kill()
    put(flow, ".go")

    assert [flow.run("-r").status, flow.run("-r").status] == [1, 1]
    assert flow.count(name) == 1


def test_what_was_left_out_in_a_restart_stays_left_out(flow: Project) -> None:
    """A member asked for it, and the runner was killed after that. PW-04"""
    group = {"dependencies": ["m"], "serial": {"a": {"task": "LeavesOut"}, "b": {"task": "Step"}}}
    flow.job({"m": "Mended", "g": group, "h": {"task": "Waits", "dependencies": ["g"]}})
    assert flow.run().status == 1
    put(flow, ".mended")
    started = flow.start("-r")
    flow.wait_for_mark("h")
    started.kill()
    put(flow, ".go")

    assert flow.run("-r").status == 0
    assert (flow.count("g/a"), flow.count("g/b")) == (1, 0)


def test_a_run_cannot_be_continued_without_the_executor_of_an_added_task(flow: Project) -> None:
    """It says so, and starts nothing."""
    mine = {"executors": {"mine": {"executor": "thread"}}}
    flow.job({"a": adds("Mended", keys={"executor": "mine"}), "b": {"task": "Step", "executor": "mine"}}, **mine)
    assert flow.run().status == 1
    flow.job({"a": adds("Mended"), "b": "Step"})

    done = flow.run("-r")

    assert done.status == 5, done
    assert "'mine'" in done.err
    assert flow.count("a/x") == 1


def test_an_added_task_has_the_environment_that_it_was_given(flow: Project) -> None:
    """And runs where its adder does if the job has no executor of its default kind, also for an item."""
    flow.job(
        {
            "a": adds("Give", keys={"env": {"X_Y": "5"}}),
            "fan": {**adds("AwaitingGive"), "foreach": ["a"]},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("a/x", "start")[0].more["x"] == "5"


def test_the_name_of_an_added_task_must_be_free(flow: Project) -> None:
    """The task that adds it fails, and the job ends."""
    flow.job({"a": adds("Give"), "a/x": "Step"})

    done = flow.run()

    assert done.states == {"a": "FAILED", "a/x": "COMPLETED"}
    assert "'a/x' is taken" in done.message("a")


def test_an_added_task_names_a_pool_of_the_job(flow: Project) -> None:
    """Without its limit it would run more often at once than the person who wrote the job allows."""
    flow.job({"a": adds("Give", keys={"pool": "small"})}, pools={"warehouse": 1})

    done = flow.run()

    assert done.states == {"a": "FAILED"}
    assert "asks for the pool 'small'; this job uses: warehouse" in done.message("a")


def test_parameters_of_an_added_task_are_compared_with_its_class(flow: Project) -> None:
    """What does not fit is told in words, and the task that adds it fails."""
    flow.job({"a": adds("Give", parameters={"worth": 1})})

    done = flow.run()

    assert done.states == {"a": "FAILED"}
    assert "the parameters of an added task do not fit Give: `worth`: " in done.message("a")
    assert "pydantic.dev" not in done.text


def test_results_of_groups_and_fans_are_whole(flow: Project) -> None:
    """Nothing is None, and what stands in for a member or an item gives its result. F2-05, PW-55"""
    chosen = {"stands_in": True, "parameters": {"value": {"chosen": 1}}}
    flow.job(
        {
            "g": {"parallel": {"picks": adds("Give", **chosen), "nothing": {"task": "Give"}}},
            "f": {**adds("Give", **{**chosen, "parameters": {"value": "${{ item }}"}}), "foreach": ["a", "b"]},
            "all": {"task": "Give", "parameters": {"value": ["${{ tasks.g.result }}", "${{ tasks.f.result }}"]}},
            "part": {"task": "Give", "parameters": {"value": "${{ tasks.g.result.nothing }}"}},
        }
    )

    done = flow.run()

    assert done.status == 0, done
    assert flow.marks("all", "start")[0].more["value"] == [{"picks": {"chosen": 1}, "nothing": None}, ["a", "b"]]


def test_a_condition_that_cannot_be_worked_out_fails_its_group(flow: Project) -> None:
    """Also if the user's own object is to blame; members and dependents are held back, and the job ends."""
    flow.job(
        {
            "a": "GiveOdd",
            "g": {"when": "tasks.a.result.part > 1", "serial": {"x": {"task": "Step"}}},
            "b": {"task": "Step", "dependencies": ["g"]},
            "c": {"task": "Give", "executor": "thread", "parameters": {"value": "${{ tasks.a.result.part }}"}},
        }
    )

    done = flow.run()

    assert done.status == 1
    assert done.states == {"a": "COMPLETED", "g": "FAILED", "g/x": "DEFAULTED", "b": "DEFAULTED", "c": "FAILED"}
    assert "RuntimeError: odd" in done.message("g")
