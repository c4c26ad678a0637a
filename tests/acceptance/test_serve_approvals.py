"""What waits for a person is shown and answered through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..project import Project, Started, eventually
from ..served import Served

Serve = Callable[..., Served]


def publishing(project: Project) -> Started:
    """A run of which a task and one in a group wait."""
    asks = {"question": "Publish <b>?", "timeout": "4h", "otherwise": "stop"}
    project.job(
        {
            "publish": {"task": "Step", "approve": asks},
            "group": {"parallel": {"send": {"task": "Step", "approve": "Send?"}}},
        }
    )
    run = project.start()
    eventually(lambda: len(list(project.root.glob(".flowrun/approvals/*/*.question"))) == 2)
    return run


def waiting(served: Served) -> dict[str, dict[str, Any]]:
    """What waits, by task."""
    return {row["task"]: row for row in served.get("/approvals")["items"]}


def approvals(served: Served, run: str) -> dict[str, Any]:
    """What was asked about the tasks of a run."""
    return {row["name"]: row["approval"] for row in served.get(f"/runs/{run}/tasks")["items"]}


def test_what_waits_is_listed_and_answered(project: Project, serve: Serve) -> None:
    """Questions, times and answers are in the list, in the rows of the tasks, and in the events."""
    run = publishing(project)
    served = serve()
    rows = waiting(served)
    id_ = rows["publish"]["run"]
    assert rows["group/send"]["job"] == "job"
    assert (rows["publish"]["question"], rows["publish"]["otherwise"]) == ("Publish <b>?", "stop")
    assert rows["publish"]["until"] > rows["publish"]["since"]
    assert rows["publish"]["is_running"] is True
    row = eventually(lambda: approvals(served, id_)["publish"])
    assert (row["answer"], row["at"], row["by"]) == (None, None, "")
    task = served.get(f"/runs/{id_}/task?task=publish")
    assert (task["state"], task["why"]) == ("PENDING", "waits for an approval: Publish <b>?")

    approved = served.post(f"/runs/{id_}/tasks/group/send/approve", {"comment": "go"})
    assert (approved.status_code, approved.json()["answer"]) == (200, "approved"), approved.text
    rejected = served.post(f"/runs/{id_}/tasks/publish/reject", {})
    assert rejected.json() == {"run": id_, "task": "publish", "answer": "rejected", "is_running": True}
    assert run.wait().status == 1

    served.ended(id_)
    told = approvals(served, id_)
    assert (told["group/send"]["answer"], told["group/send"]["comment"], told["group/send"]["by"]) == (
        "approved",
        "go",
        "API",
    )
    assert told["publish"]["answer"] == "rejected"
    assert told["group"] is None
    texts = [event["text"] for event in served.get(f"/runs/{id_}/events")["items"] if event["kind"] == "approval"]
    assert "group/send was approved by API: go" in texts
    assert "publish waits for an approval: Publish <b>?" in texts
    assert waiting(served) == {}


def test_a_run_without_a_history_is_answered_too(project: Project, serve: Serve) -> None:
    """Questions are files, and no run depends on the history."""
    project.job({"publish": {"task": "Step", "approve": "Publish?"}}, config={"history": False})
    run, served = project.start(), serve()
    id_ = eventually(lambda: waiting(served))["publish"]["run"]

    approved = served.post(f"/runs/{id_}/tasks/publish/approve", {})

    assert approved.json() == {"run": id_, "task": "publish", "answer": "approved", "is_running": True}
    assert run.wait().status == 0


def test_answers_are_refused_without_the_token_and_where_nothing_waits(project: Project, serve: Serve) -> None:
    """A stranger, another task, a second answer."""
    run = publishing(project)
    served = serve()
    id_ = waiting(served)["publish"]["run"]
    eventually(lambda: served.client.get(f"/api/v1/runs/{id_}").status_code == 200)
    path = f"/api/v1/runs/{id_}/tasks/publish/approve"
    assert served.stranger.post(path, json={}).status_code == 401
    assert served.post(f"/runs/{id_}/tasks/nothing/approve").status_code == 409
    assert served.post("/runs/zzzz/tasks/publish/approve").status_code == 404
    assert served.post(f"/runs/{id_}/tasks/publish/approve", {"why": 1}).status_code == 422
    assert set(waiting(served)) == {"publish", "group/send"}
    run.kill()

    assert served.post(f"/runs/{id_}/tasks/publish/approve").json()["is_running"] is False
    again = served.post(f"/runs/{id_}/tasks/publish/reject")
    assert again.status_code == 409


def test_who_watches_hears_of_questions_and_answers(project: Project, serve: Serve) -> None:
    """As events of their own, also of all runs."""
    served = serve()
    with served.watching() as events:
        assert next(events)[0] == "hello"
        publishing(project)
        heard: dict[str, Any] = {}
        for name, data, _id in events:
            if name == "approval":
                heard[data["task"]] = data
            if {"publish", "group/send"} <= heard.keys():
                break
        assert heard["publish"]["question"] == "Publish <b>?"
        assert served.post(f"/runs/{heard['publish']['run']}/tasks/publish/approve").status_code == 200
        answered = next(data for name, data, _ in events if name == "approval" and data["answer"])
    assert (answered["task"], answered["answer"], answered["by"]) == ("publish", "approved", "API")
