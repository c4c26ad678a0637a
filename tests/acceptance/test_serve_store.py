"""The server shows what others keep: a history that cannot be read, and a Redis that comes and goes."""

from __future__ import annotations

from collections.abc import Callable

from ..project import Project, eventually
from ..redis_server import RedisServer
from ..served import TOKEN, Served

Serve = Callable[..., Served]


def test_a_history_that_cannot_be_read_is_a_problem_and_no_crash(project: Project, serve: Serve) -> None:
    """G15: the server is there, says what is wrong, and goes on as soon as the history can be read again."""
    project.job({"one": "Step"})
    project.run()
    served = serve()
    assert len(served.get("/runs")["items"]) == 1
    database = project.root / ".flowrun" / "history.db"
    served.stop()
    database.write_bytes(b"no database at all" * 500)

    again = serve()
    assert again.client.get("/healthz").status_code == 200
    for path in ("/readyz", "/api/v1/runs", "/api/v1/jobs", "/metrics"):
        answer = again.client.get(path)
        assert answer.status_code == 503, path
        assert "history.db" in answer.json()["detail"]
    database.unlink()
    assert eventually(lambda: again.client.get("/readyz").status_code == 200)
    assert len(again.get("/runs")["items"]) == 1
    assert "made a mistake" not in again.said


def test_workers_and_queues_of_a_redis(project: Project, serve: Serve, shared_redis: RedisServer) -> None:
    """CF-59: who works, what is offered and what waits; without the password of the server, and also without it."""
    project.environment["FLOWRUN_REDIS_URL"] = shared_redis.url
    project.environment["FLOWRUN_PREFIX"] = f"served-{project.root.name}-{id(project)}"
    worker = project.command("worker", "--slots", "1")
    served = serve()

    workers = eventually(lambda: served.get("/workers")["items"])
    assert (workers[0]["language"], workers[0]["slots"], workers[0]["queue"]) == ("python", 1, "default")
    assert "Step" in workers[0]["handlers"]
    assert [(one["queue"], one["waiting"]) for one in served.get("/queues")["items"]] == [("default", 0)]
    assert served.get("/meta")["has_redis"] is True
    worker.signal(15)
    worker.wait()
    eventually(lambda: not served.get("/workers")["items"])


def test_a_worker_is_drained(project: Project, serve: Serve, shared_redis: RedisServer) -> None:
    """CF-59: the worker that is named ends, with its attempts given back in time; no other one does."""
    project.environment["FLOWRUN_REDIS_URL"] = shared_redis.url
    project.environment["FLOWRUN_PREFIX"] = f"drained-{project.root.name}-{id(project)}"
    ends, stays = (project.command("worker", "--slots", "1") for _ in range(2))
    served = serve()
    workers = eventually(lambda: found if len(found := served.get("/workers")["items"]) == 2 else None)
    name = next(one["id"] for one in workers if one["pid"] == ends.pid)
    assert {one["state"] for one in workers} == {"idle"}

    assert served.stranger.post(f"/api/v1/workers/{name}/drain", json={}).status_code == 401
    assert served.post("/workers/nobody/drain").status_code == 404
    assert served.post(f"/workers/{name}/drain", {"grace_seconds": -1}).status_code == 422
    told = served.post(f"/workers/{name}/drain", {"grace_seconds": 1})
    assert (told.status_code, told.json()) == (202, {"worker": name, "queues": ["default"]})

    assert ends.wait().status == 0
    assert not stays.is_over
    assert [one["pid"] for one in served.get("/workers")["items"]] == [stays.pid]


def test_a_redis_that_is_away_is_said(project: Project, serve: Serve) -> None:
    """Neither a crash nor a long wait, and no password in what is said."""
    project.environment["FLOWRUN_REDIS_URL"] = "redis://:open-sesame@127.0.0.1:1/0"
    served = serve()

    for path in ("/workers", "/queues"):
        answer = served.get(path)
        assert (answer["is_configured"], answer["items"]) == (True, [])
        assert answer["notice"]
        assert "open-sesame" not in answer["notice"]
        assert TOKEN not in answer["notice"]
    told = served.post("/workers/some/drain")
    assert (told.status_code, "open-sesame" in told.text) == (503, False)
