"""What a person reads of tasks that wait, and of a run that was killed."""

from __future__ import annotations

import json
from typing import Any

from flowrun.history.places import Places
from flowrun.usual.samples import read_samples

from ..project import Project, eventually
from ..redis_server import RedisServer


def status_of(project: Project) -> dict[str, Any]:
    """The last run; empty if there is none yet."""
    told = project.command("status", "--json").wait().out
    return json.loads(told) if told.startswith("{") else {}


def task_of(project: Project, name: str) -> dict[str, Any]:
    """A task of the last run; empty if there is none yet."""
    return next((task for task in status_of(project).get("tasks", ()) if task["name"] == name), {})


def explained(project: Project, task: str) -> str:
    """Why a task of the last run is as it is."""
    return project.command("explain", "@last", task).wait().out


def test_an_attempt_in_a_queue_waits_for_a_worker(project: Project, shared_redis: RedisServer) -> None:
    """PARITY X-CF-20: its time counts from its begin, also for the next run, and it is known who performed it."""
    project.environment["FLOWRUN_REDIS_URL"] = shared_redis.url
    executor = {"executor": "redis", "parameters": {"queue": "waiting-told"}}
    project.job(
        {"far": {"task": "Step", "executor": "far", "parameters": {"seconds": 0.2}}}, executors={"far": executor}
    )
    started = project.start()
    eventually(lambda: task_of(project, "far").get("waiting_seconds", 0) > 1)
    queued, story = task_of(project, "far"), explained(project, "far")
    project.command("worker", "--queue", "waiting-told")
    finished = started.wait()

    far, told = task_of(project, "far"), explained(project, "far")
    usual = read_samples(Places(project.root).samples("job")).usual().of("far")

    assert (queued["state"], queued["seconds"], queued["why"]) == ("RUNNING", 0, "waits for a worker")
    assert ", and waits for a worker" in story
    assert far["queue_seconds"] > 1 > far["seconds"], finished
    assert usual is not None
    assert usual < 1
    assert f" (far on {far['worker']}) and completed after " in told
    assert " for a worker\n  attempt 1 began at " in told
    assert finished.task("far")["attempt_reports"][0]["worker"] == far["worker"] != ""


def test_who_waits_for_a_pool_of_the_job_is_told(project: Project) -> None:
    """`status` and `explain` name it while the task waits."""
    waits = {"task": "Step", "pool": "db", "parameters": {"waits_for": str(project.flag)}}
    project.job({"first": waits, "second": waits}, pools={"db": 1})
    started = project.start()
    project.wait_for_mark("first")
    eventually(lambda: task_of(project, "second").get("why"))

    shown, story = project.command("status").wait().out, explained(project, "second")
    project.flag.touch()
    started.wait()
    after = explained(project, "second")

    assert next(line for line in shown.splitlines() if "second" in line).endswith("waits for a slot of pool db")
    assert "it waits for a slot of pool db" in story
    assert "for a slot (it needs one of pool db)" in after


def test_a_killed_run_took_as_long_as_it_was_there(project: Project) -> None:
    """PARITY X-CF-20: also if its task has said nothing; a restart adds its time to that."""
    project.job({"silent": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    started = project.start()
    eventually(lambda: status_of(project).get("seconds", 0) > 3)
    started.kill()

    killed = status_of(project)

    assert killed["state"] == "interrupted"
    assert killed["seconds"] > 2
    assert killed["tasks"][0]["seconds"] > 1
