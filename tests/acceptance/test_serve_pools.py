"""The server says who has a slot of a limit, who waits for one, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..project import Project, eventually
from ..served import Served

Serve = Callable[..., Served]

TASKS = """
@task
def hold(flag: str) -> None:
    while not os.path.exists(flag):
        time.sleep(0.02)
"""


def pooled(project: Project, name: str, pool: str, **more: Any) -> None:
    """A job of three tasks of one pool; the third also needs a task that is never over."""
    one = {"task": "hold", "parameters": {"flag": str(project.flag)}, "pool": pool}
    free = {key: value for key, value in one.items() if key != "pool"}
    tasks = {"a": one, "b": one, "free": free, "late": {**one, "dependencies": ["free"]}}
    project.job(tasks, file=f"jobs/{name}.yaml", config={"name": name}, **more)


def standing(served: Served) -> list[tuple[Any, ...]]:
    """The pools with the names of those that have slots and that wait."""

    def names(users: list[dict[str, Any]]) -> list[str]:
        return sorted(f"{one['job']} {one['task']}" for one in users)

    items = served.get("/pools")["items"]
    return [(one["pool"], one["job"], one["slots"], names(one["held"]), names(one["waiting"])) for one in items]


def test_a_pool_of_a_job_says_who_has_it_and_who_waits(project: Project, serve: Serve) -> None:
    """A task that could not start anyhow does not wait for the pool; afterwards nobody uses it."""
    project.task_module(TASKS)
    pooled(project, "mine", "warehouse", pools={"warehouse": 1})
    served = serve()
    assert standing(served) == []
    running = project.start(job="jobs/mine.yaml")

    eventually(lambda: any(one["held"] for one in served.get("/pools")["items"]))
    assert standing(served) == [("warehouse", "mine", 1, ["mine a"], ["mine b"])]
    (pool,) = served.get("/pools")["items"]
    assert pool["run"] == pool["held"][0]["run"]
    assert all(one["seconds"] >= 0 for one in (*pool["held"], *pool["waiting"]))
    project.flag.touch()
    running.wait()
    assert eventually(lambda: standing(served) == [])


def test_a_pool_that_jobs_share_is_one(project: Project, serve: Serve) -> None:
    """It belongs to no run, and has the slots of the user's configuration."""
    settings = project.file("config.toml", "[pools]\nwarehouse = 1\n")
    project.environment["FLOWRUN_CONFIG"] = str(settings)
    project.environment["FLOWRUN_RUNTIME_DIR"] = str(project.root / "runtime")
    project.task_module(TASKS)
    for name in ("one", "other"):
        pooled(project, name, "warehouse")
    served = serve()
    first = project.start(job="jobs/one.yaml")
    eventually(lambda: any(held for *_, held, _waiting in standing(served)))
    second = project.start(job="jobs/other.yaml")

    waiting = ["one b", "other a", "other b"]
    assert eventually(lambda: standing(served) == [("warehouse", None, 1, ["one a"], waiting)])
    project.flag.touch()
    first.wait()
    second.wait()
