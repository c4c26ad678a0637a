"""What a person reads of tasks that wait, and of a run that was killed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

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


def signs_of_life(project: Project) -> list[float]:
    """When the run said that it goes on."""
    lines = [line for spool in Places(project.root).spool.iterdir() for line in spool.read_text().splitlines()]
    return [json.loads(line)[1] for line in lines if line.startswith('["alive"')]


def moment(row: dict[str, Any]) -> float:
    """When a run or a task began."""
    return datetime.fromisoformat(row["started"]).timestamp()


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
    (attempt,) = finished.task("far")["attempt_reports"]

    far, told = task_of(project, "far"), explained(project, "far")
    usual = read_samples(Places(project.root).samples("job")).usual().of("far")
    without_the_queue = far["queue_seconds"] / 2  # the disk may take its time between two looks at the clock

    assert (queued["state"], queued["seconds"], queued["why"]) == ("RUNNING", 0, "waits for a worker")
    assert ", and waits for a worker" in story
    assert far["queue_seconds"] > 1, finished
    assert far["queue_seconds"] == pytest.approx(attempt["begun_at"] - attempt["started_at"], abs=without_the_queue)
    assert far["seconds"] == pytest.approx(attempt["ended_at"] - attempt["begun_at"], abs=without_the_queue)
    assert usual == pytest.approx(far["seconds"], abs=without_the_queue)
    assert f" (far on {far['worker']}) and completed after " in told
    assert " for a worker\n  attempt 1 began at " in told
    assert attempt["worker"] == far["worker"] != ""


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
    """PARITY X-CF-20: as long as it gave signs of life, also if its task has said nothing; a restart adds its time."""
    project.job({"silent": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    started = project.start()
    project.wait_for_mark("silent")
    signs = eventually(lambda: found if len(found := signs_of_life(project)) > 1 else None)
    started.kill()

    killed = status_of(project)
    project.flag.touch()
    assert project.run("-r").status == 0
    (task,) = killed["tasks"]

    assert killed["state"] == "interrupted"
    assert killed["seconds"] >= signs[-1] - moment(killed) - 0.01
    assert moment(task) + task["seconds"] == pytest.approx(moment(killed) + killed["seconds"], abs=0.01)
    assert status_of(project)["seconds"] > killed["seconds"]
