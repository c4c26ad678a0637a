"""Who watches a run sees what happens as it happens, and the run does not feel it."""

from __future__ import annotations

import json
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ..project import Project, eventually
from ..served import TOKEN, Served

Serve = Callable[..., Served]
Event = tuple[str, Any, str]


def until(events: Iterator[Event], is_it: Callable[[Event], bool]) -> list[Event]:
    """The events up to the first of which this is true, and that one."""
    seen: list[Event] = []
    for event in events:
        seen.append(event)
        if is_it(event):
            return seen
    raise AssertionError(f"the stream ended before it: {seen}")


def is_state(task: str, state: str) -> Callable[[Event], bool]:
    """Whether an event says that a task is in a state."""
    return lambda event: (
        event[0] == "tasks" and any(row["name"] == task and row["state"] == state for row in event[1]["tasks"])
    )


def is_run(status: str) -> Callable[[Event], bool]:
    """Whether an event says that a run has a status."""
    return lambda event: event[0] == "run" and event[1]["status"] == status


def test_a_run_is_seen_as_it_goes(project: Project, serve: Serve) -> None:
    """CF-66: states, counts and sizes of logs come by themselves; what was missed comes after the id of an event."""
    project.task_module("@task\ndef say() -> int:\n    print('hello')\n    return 1\n")
    project.job({"wait": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}, "say": "say"})
    served = serve()
    started = project.start()
    project.wait_for_mark("wait")
    eventually(lambda: served.get("/runs")["items"])

    with served.watching("?run=@last&after=0") as events:
        first = until(events, is_state("wait", "RUNNING"))
        assert first[0][0] == "hello"
        assert until(events, is_run("running"))[-1][1]["is_live"] is True
        project.flag.touch()
        rest = until(events, is_run("completed"))
    assert started.wait().status == 0

    told = {row["name"]: row["state"] for event in first + rest if event[0] == "tasks" for row in event[1]["tasks"]}
    assert told == {"wait": "COMPLETED", "say": "COMPLETED"}
    assert rest[-1][1]["counts"] == {"COMPLETED": 2}

    run = rest[-1][1]["id"]
    with served.watching(f"?run={run}", **{"Last-Event-ID": first[-1][2]}) as events:
        again = until(events, is_state("wait", "COMPLETED"))
    assert again[-1][1]["seq"] == served.get(f"/runs/{run}/tasks")["seq"]


def test_all_runs_are_seen_together(project: Project, serve: Serve) -> None:
    """Without a run the stream tells of all of them, and not of their tasks."""
    project.job({"one": "Step"})
    served = serve()
    with served.watching() as events:
        assert next(events)[0] == "hello"
        eventually(lambda: served.get("/system")["viewers"] == 1)
        project.run()
        project.run()
        seen: set[str] = set()
        for name, data, _ in events:
            assert name == "run"
            if data["status"] == "completed":
                seen.add(data["id"])
            if len(seen) == 2:
                break


def test_all_runs_take_up_where_they_were(project: Project, serve: Serve) -> None:
    """Who connects again to all runs hears of each run that has changed meanwhile, and of no other."""
    project.job({"one": "Step"})
    served = serve()
    project.run()
    first = served.get("/runs/@last")["id"]
    seq = served.get(f"/runs/{first}/tasks")["seq"]
    project.run()
    second = served.get("/runs/@last")["id"]

    for query, headers in ((f"?after={seq}", {}), ("", {"Last-Event-ID": f"{first}:{seq}"})):
        with served.watching(query, **headers) as events:
            told = until(events, is_run("completed"))
        assert [(name, data.get("id")) for name, data, _ in told] == [("hello", None), ("run", second)]


def test_logs_grow_before_the_eyes(project: Project, serve: Serve) -> None:
    """The size of a log that grows is told, and the lines can be read while the task runs."""
    project.task_module(
        "@task\ndef talk(flag: str) -> None:\n"
        "    print('first', flush=True)\n"
        "    while not os.path.exists(flag):\n        time.sleep(0.01)\n"
        "    print('second', flush=True)\n"
        "    while not os.path.exists(flag + '2'):\n        time.sleep(0.01)\n"
    )
    project.job({"talk": {"task": "talk", "parameters": {"flag": str(project.flag)}}})
    served = serve()
    project.start()
    eventually(lambda: served.get("/runs")["items"] and served.get("/runs/@last/log")["lines"])

    with served.watching("?run=@last") as events:
        until(events, lambda event: event[0] == "run")
        eventually(lambda: served.get("/system")["viewers"] == 1)
        project.flag.touch()
        grown = until(events, lambda event: event[0] == "log")[-1][1]
        lines = eventually(lambda: found if len(found := served.get("/runs/@last/log")["lines"]) == 2 else None)
    assert grown["sizes"].keys() == {"talk"}
    assert [line["text"] for line in lines] == ["first", "second"]
    (project.flag.parent / f"{project.flag.name}2").touch()


def test_a_run_that_was_killed_is_seen_to_be_gone(project: Project, serve: Serve) -> None:
    """No event can tell that the process of a run is gone; those who watch learn it nonetheless."""
    project.job({"wait": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})
    served = serve()
    started = project.start()
    project.wait_for_mark("wait")
    eventually(lambda: served.get("/runs")["items"])
    with served.watching("?run=@last&after=0") as events:
        until(events, is_state("wait", "RUNNING"))
        started.kill()
        until(events, is_run("interrupted"))
    run = served.get("/runs/@last")
    assert (run["status"], run["can_restart"], run["can_stop"]) == ("interrupted", True, False)


@pytest.mark.parametrize(
    ("watching", "tasks"), [(200, 100), pytest.param(1000, 1000, marks=pytest.mark.full)], ids=["200", "1000"]
)
def test_all_who_watch_see_the_end(project: Project, serve: Serve, watching: int, tasks: int) -> None:
    """W-14: many watch a run, half of them never read; the others see every state, and the server ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 3 * watching)), hard))
    project.job(
        {f"step{number}": "AsyncStep" for number in range(tasks)}
        | {"wait": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}}
    )
    served = serve()
    started = project.start()
    project.wait_for_mark("wait")
    eventually(lambda: served.get("/runs")["items"])
    run = served.get("/runs/@last")["id"]
    request = (
        f"GET /api/v1/stream?run={run}&after=0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    ).encode()
    connected = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(watching)]
    for one in connected:
        one.sendall(request)
    eventually(lambda: served.get("/system")["viewers"] == watching)
    readers = [_Reader(one, tasks + 1) for one in connected[::2]]
    project.flag.touch()
    assert started.wait().status == 0

    for reader in readers:
        reader.join(90)
        assert reader.has_seen_the_end
        assert len(reader.completed) == tasks + 1
    assert served.stop().status == 0
    for one in connected:
        one.close()


class _Reader(threading.Thread):
    """Reads one stream until it tells that the run is over."""

    def __init__(self, connected: socket.socket, tasks: int) -> None:
        super().__init__(daemon=True)
        self.has_seen_the_end = False
        self.completed: set[str] = set()
        self._tasks = tasks
        self._lines = connected.makefile("r", encoding="utf-8")
        self.start()

    def run(self) -> None:
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("data: "):
                data = json.loads(line[6:])
                if name == "tasks":
                    self.completed |= {row["name"] for row in data["tasks"] if row["state"] == "COMPLETED"}
                elif name == "run" and data["status"] == "completed":
                    self.has_seen_the_end = True
                    if len(self.completed) == self._tasks:
                        return


def test_an_event_id_that_is_none_is_refused(project: Project, serve: Serve) -> None:
    """A stream of a run that does not exist, or after an event that cannot be, is a problem and no stream."""
    served = serve()
    for query, headers in (("?run=nope", {}), ("", {"Last-Event-ID": "what?"})):
        answer = served.client.get(f"/api/v1/stream{query}", headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
