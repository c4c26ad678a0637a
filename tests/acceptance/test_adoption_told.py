"""What a person reads of attempts that went on elsewhere while their run was gone."""

from __future__ import annotations

import json

from ..project import Finished, Project, eventually
from ..redis_server import RedisServer


def lines_of(run: Finished, task: str) -> list[str]:
    """What was said of a task at its time, without the time."""
    lines = (line.partition(" ")[2] for line in run.err.splitlines() if line[:2] == "20")
    return [line for line in lines if f" {task}" in line]


def test_an_adopted_attempt_reads_as_adopted(project: Project, shared_redis: RedisServer) -> None:
    """After kill -9 of the runner: one attempt went on, one had ended, one was never taken by a worker, one is gone.

    The plan of the restart, its lines, and the history say of each what it is; none reads as if it began twice. R-02
    """
    project.environment["FLOWRUN_REDIS_URL"] = shared_redis.url
    near = {"queue": "adoption-told"}
    far = {**near, "queue": "adoption-told-far"}
    project.job(
        {
            "running": {"task": "Step", "executor": "near", "parameters": {"waits_for": str(project.flag)}},
            "ended": {"task": "Step", "executor": "near", "parameters": {"waits_for": str(project.aside / "first")}},
            "gone": {"task": "Step", "executor": "far", "max_attempts": 3},
            "here": {"task": "Step", "parameters": {"waits_for": str(project.flag)}},
        },
        executors={name: {"executor": "redis", "parameters": it} for name, it in (("near", near), ("far", far))},
    )
    project.command("worker", "--queue", near["queue"], "--slots", "4")
    started = project.start()
    for name in ("running", "ended", "here"):
        project.wait_for_mark(name)
    with shared_redis.client() as client:
        waiting = f"flowrun:{{{far['queue']}}}:tasks"
        eventually(lambda: client.exists(waiting) and client.xlen(waiting))
        started.kill()
        client.delete(*client.scan_iter(f"*{{{far['queue']}}}*"))
    (project.aside / "first").touch()
    project.wait_for_mark("ended", "on_destroy")

    plan = {row["task"]: (row["verb"], row["why"]) for row in json.loads(plan_of(project))["tasks"]}
    again = project.start("-r", "--output", "lines")
    project.command("worker", "--queue", far["queue"], "--slots", "4")
    eventually(lambda: "looked for running" in again.said_so_far())
    project.flag.touch()
    finished = again.wait()

    sought = ("find", "was cut off, and may still be under way")
    assert plan == {**dict.fromkeys(("running", "ended", "gone"), sought), "here": ("rerun", "was interrupted")}
    assert lines_of(finished, "running") == [
        "looking for running: attempt 1 may still be under way",
        "looked for running: found again, it went on (attempt 1)",
        "completed running",
    ], finished
    assert lines_of(finished, "ended")[1:] == [
        "looked for ended: found again, it had ended (attempt 1)",
        "completed ended",
    ]
    assert lines_of(finished, "gone")[1] == "looked for gone: not found, it begins again (attempt 1)"
    assert lines_of(finished, "here")[0] == "started here"
    assert project.count("running") == project.count("ended") == 1
    assert explained(project, "running")[-2].startswith("  attempt 1 began at ")
    assert "in restart 1" not in explained(project, "running")[-2]
    assert explained(project, "running")[-1].endswith(": found again, it went on")
    assert explained(project, "ended")[-1].endswith(": found again, it had ended")


def test_who_begins_again_is_told(project: Project, shared_redis: RedisServer) -> None:
    """A worker is killed, and another one begins its attempt; a restart hears of both at once. PARITY X-CF-23"""
    project.environment["FLOWRUN_REDIS_URL"] = shared_redis.url
    queue = {"queue": "begun-again"}
    project.job(
        {"a": {"task": "Step", "executor": "far", "parameters": {"waits_for": str(project.flag)}}},
        executors={"far": {"executor": "redis", "parameters": queue}},
    )
    worker = ("worker", "--queue", queue["queue"], "--lease", "1s")
    first = project.command(*worker)
    started = project.start("--output", "lines")
    project.wait_for_mark("a")
    eventually(lambda: worker_of(project, "a"))
    before = worker_of(project, "a")
    first.kill()
    project.command(*worker)
    eventually(lambda: project.count("a") == 2)
    started.kill()
    project.flag.touch()
    finished = project.run("-r")

    story = explained(project, "a")
    (attempt,) = (line for line in story if line.startswith("  attempt 1 began"))
    (again,) = (line for line in story if line.startswith("    begun again at "))
    assert finished.status == 0, finished
    assert f" (far on {before}) and completed" in attempt
    assert again.endswith(f" on {worker_of(project, 'a')}")
    assert worker_of(project, "a") != before


def worker_of(project: Project, task: str) -> str:
    """Who began the last attempt of a task of the last run; empty: nobody yet."""
    told = project.command("status", "--json").wait().out
    tasks = json.loads(told)["tasks"] if told.startswith("{") else []
    return next((it["worker"] for it in tasks if it["name"] == task), "")


def plan_of(project: Project) -> str:
    """What a restart would do."""
    return project.command("plan", "-j", "job.yaml", "-r", "--json").wait().out


def explained(project: Project, task: str) -> list[str]:
    """Why a task of the last run is as it is."""
    return project.command("explain", "@last", task).wait().out.splitlines()
