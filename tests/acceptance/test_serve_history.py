"""What the API tells of runs is what happened in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..project import Project
from ..served import Served

TASKS = """
@task
class Rows(Task):
    "Counts rows."
    n: int = 3

    def run(self) -> dict:
        print("counting")
        self.shared_dict["day"] = "monday"
        return {"rows": self.n, "token": self.env.get("TOKEN", "")}

@task
def tries(flag: str) -> str:
    print("\\x1b[31mred\\x1b[0m <script>alert(2)</script>")
    if not os.path.exists(flag):
        open(flag, "w").close()
        raise ConnectionError("not yet")
    return "made it"

@task
def breaks(text: str) -> None:
    print("about to break")
    raise ValueError(f"it is {text}")

@task
def each(item: int) -> int:
    if item == 2:
        raise ValueError("two")
    return item
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a project in which a job completed, then changed and failed."""
    directory: Path = tmp_path_factory.mktemp("history")
    project = Project(directory / "shop", directory / "aside")
    project.environment["TOKEN"] = "open-sesame-123"
    project.task_module(TASKS)
    tasks: dict[str, Any] = {
        "rows": {"task": "Rows", "secrets": ["TOKEN"]},
        "tries": {"task": "tries", "parameters": {"flag": str(project.flag)}, "max_attempts": 3},
        "etl": {
            "parallel": {"a": {"task": "Step"}, "b": {"task": "Step", "dependencies": ["a"]}},
            "dependencies": ["rows"],
        },
        "each": {"task": "each", "foreach": [1, 2, 3], "parameters": {"item": "${{ item }}"}, "allow_failures": 1},
        "<img src=x onerror=alert(1)>": {"task": "Rows", "dependencies": ["etl"]},
    }
    project.job(tasks, file="jobs/nightly.yaml", config={"name": "nightly"})
    assert project.run(job="jobs/nightly.yaml").status == 0
    tasks["rows"]["parameters"] = {"n": 5}
    tasks["last"] = {"task": "breaks", "parameters": {"text": "over"}, "dependencies": ["rows"]}
    tasks["never"] = {"task": "Step", "dependencies": ["last"]}
    project.job(tasks, file="jobs/nightly.yaml", config={"name": "nightly"})
    assert project.run("--label", "kind=test", job="jobs/nightly.yaml").status == 1
    running = Served(project)
    yield running
    running.close()
    project.end_everything()


def test_runs_are_listed_and_paged(served: Served) -> None:
    """CF-67: the newest first, with filters, and in pages."""
    bad, good = served.get("/runs")["items"]

    assert (good["status"], bad["status"]) == ("completed", "failed")
    assert bad["cause"]["task"] == "last"
    assert "it is over" in bad["cause"]["message"]
    assert bad["counts"]["DEFAULTED"] == 1
    assert bad["labels"] == {"kind": "test"}
    assert [one["id"] for one in served.get("/runs?status=completed")["items"]] == [good["id"]]
    assert [one["id"] for one in served.get("/runs?label=kind")["items"]] == [bad["id"]]
    assert served.get("/runs?job=nope")["items"] == []
    assert served.get("/runs?since=2h")["items"] == [bad, good]
    assert served.get("/runs?since=2199-01-01")["items"] == []
    first = served.get("/runs?limit=1")
    second = served.get("/runs", params={"limit": 1, "cursor": first["next"]})
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == [bad["id"], good["id"], None]


def test_a_run_says_why_it_failed_and_what_to_do(served: Served) -> None:
    """The cause has its place, the lines around it, and what the task said last."""
    run = served.get("/runs/@last")

    cause = run["cause"]
    assert (cause["task"], cause["reason"], cause["attempt"]) == ("last", "raised", 1)
    assert cause["place"]["file"] == "tasks/mine.py"
    assert 'raise ValueError(f"it is {text}")' in "".join(line["text"] for line in cause["excerpt"])
    assert "about to break" in cause["last_lines"]
    assert run["verdict"].startswith("failed: last did not complete")
    assert run["can_restart"] is True
    assert run["continue_command"] == f"flowrun -j jobs/nightly.yaml -r {run['id']}"
    assert run["last_good"] == served.get("/runs/@last-good")["id"] != run["id"]
    assert run["id"] == served.get(f"/runs/{run['id'][:5]}")["id"]
    assert run["log_bytes"] > 100


def test_every_task_is_told_with_its_attempts(served: Served) -> None:
    """CF-59, X-CF-20: states, attempts and times as they were, items counted by state."""
    tasks = {row["name"]: row for row in served.get("/runs/@last/tasks")["items"]}

    assert tasks["never"]["state"] == "DEFAULTED"
    assert tasks["etl/a"]["group"] == "etl"
    assert tasks["etl"]["kind"] == "group"
    assert tasks["each"]["items"] == {"COMPLETED": 2, "FAILED": 1}
    first = {row["name"]: row for row in served.get("/runs/@last-good/tasks")["items"]}["tries"]
    assert [one["state"] for one in first["attempts"]] == ["FAILED", "COMPLETED"]
    assert first["attempts"][0]["started"] <= first["attempts"][0]["ended"] <= first["attempts"][1]["started"]
    assert any(row["is_critical"] for row in tasks.values())


def test_one_task_is_told_in_full(served: Served) -> None:
    """Parameters, source, result, environment without values, attempts, and the runs before."""
    task = served.get("/runs/@last/task?task=rows")

    assert task["parameters"] == {"n": 5}
    assert task["source"]["text"].startswith("@task\nclass Rows(Task):")
    assert (task["source"]["file"], task["result"]["rows"]) == ("tasks/mine.py", 5)
    assert task["env"] == ["TOKEN"]
    assert set(task["dependents"]) == {"etl", "last"}
    assert len(task["earlier"]) == 1
    broken = served.get("/runs/@last/task?task=last")["attempt_details"][0]
    assert broken["place"]["file"] == "tasks/mine.py"
    assert "ValueError: it is over" in broken["traceback"]
    assert served.client.get("/api/v1/runs/@last/task?task=nope").status_code == 404


def test_a_text_is_found_wherever_it_stands(served: Served) -> None:
    """In names of jobs and tasks, in runs, and in logs, whatever its case; a line can be opened where it stands."""
    bad, good = served.get("/runs")["items"]

    assert served.get("/search?q=NIGHT")["jobs"] == [{"name": "nightly"}]
    assert [one["id"] for one in served.get("/search?q=kind%3Dtest")["runs"]] == [bad["id"]]
    assert [one["id"] for one in served.get(f"/search?q={good['id']}")["runs"]] == [good["id"]]
    assert [one["id"] for one in served.get("/search?q=it%20is%20over")["runs"]] == [bad["id"]]
    tasks = served.get("/search?q=Trie")["tasks"]
    assert tasks == [{"job": "nightly", "name": "tries", "last_run": bad["id"], "last_state": "COMPLETED"}]

    found = served.get("/search?q=RED%20%3Cscript")
    assert {line["run"] for line in found["lines"]} == {bad["id"], good["id"]}
    second = next(line for line in found["lines"] if (line["run"], line["attempt"]) == (good["id"], 2))
    assert (second["job"], second["task"], second["line"]) == ("nightly", "tries", 1)
    assert second["text"] == "red <script>alert(2)</script>"
    there = served.get(f"/runs/{good['id']}/log?task=tries&offset={second['at']}&limit=1")["lines"][0]
    assert (there["at"], there["attempt"]) == (second["at"], 2)
    assert found["is_cut"] is False
    assert served.get("/search?q=red&limit=1")["is_cut"] is True
    assert not any(served.get("/search?q=%25").values()), "a text is no pattern"
    assert served.client.get("/api/v1/search?q=").status_code == 422
    assert served.client.get("/api/v1/search?q=%00zzz").status_code == 422
    assert served.client.get("/api/v1/search?q=a%0Ab").status_code == 422


def test_no_secret_is_told(served: Served) -> None:
    """What a task returned is shown with its secrets hidden, everywhere."""
    for path in ("values", "tasks", "events", "definition", "task?task=rows", "log", "log/raw?task=rows"):
        assert "open-sesame-123" not in served.client.get(f"/api/v1/runs/@last/{path}").text, path
    assert not any(served.get("/search?q=open-sesame").values())


def test_values_events_graph_and_definition(served: Served) -> None:
    """The rest of a run: what it made, in which order, from what."""
    values = served.get("/runs/@last/values")
    assert {one["task"]: one["value"] for one in values["results"]}["tries"] == "made it"
    assert values["shared"][0]["key"] == "day"

    events = served.get("/runs/@last/events?limit=3")
    more = served.get(f"/runs/@last/events?limit=5000&after={events['next']}")
    both = events["items"] + more["items"]
    assert [one["seq"] for one in both] == sorted({one["seq"] for one in both})
    assert any((one["task"], one["from"], one["to"]) == ("last", "RUNNING", "FAILED") for one in both)
    assert both[-1]["text"] == "the run ended"

    graph = served.get("/runs/@last/graph")
    assert {"from": "rows", "to": "etl"} in graph["edges"]
    assert [(one["name"], one["kind"]) for one in graph["groups"]] == [("etl", "parallel")]
    assert set(graph["groups"][0]["members"]) == {"etl/a", "etl/b"}

    definition = served.get("/runs/@last/definition")
    origin = next(one for one in definition["origins"] if one["path"] == "tasks.rows.parameters.n")
    assert (origin["value"], origin["file"]) == (5, "jobs/nightly.yaml")
    assert "n: 5" in definition["yaml"]


def test_what_has_changed_since_the_last_good_run(served: Served) -> None:
    """Definition, states, results and tasks that are new, against the last good run or a named one."""
    changes = served.get("/runs/@last/changes")

    changed = {one["path"]: one for one in changes["definition"]}["tasks.rows.parameters.n"]
    assert (changed["before"], changed["after"]) == (None, 5)
    assert changed["place"].startswith("jobs/nightly.yaml:")
    assert changes["tasks_added"] == ["last", "never"]
    assert [(one["task"], one["before"]["rows"], one["after"]["rows"]) for one in changes["results"]] == [
        ("rows", 3, 5)
    ]
    assert served.get("/runs/@last-good/changes")["against"] is None
    assert served.get("/runs/@last-good/changes?against=@last")["tasks_gone"] == ["last", "never"]


def test_a_log_is_read_by_place_filter_and_time(served: Served) -> None:
    """CF-71: of a task or of all by time; forward, backward, the end; by level and text; the first error; marks."""
    whole = served.get("/runs/@last/log")
    lines = whole["lines"]
    assert whole["is_end"] is True
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    assert {line["task"] for line in lines} >= {"rows", "tries", "last"}

    second = served.get(f"/runs/@last/log?offset={lines[1]['at'] + 3}&limit=1")
    assert second["lines"] == [lines[1]]
    assert served.get(f"/runs/@last/log?before={second['previous']}")["lines"] == [lines[0]]
    assert served.get("/runs/@last/log?tail=2")["lines"] == lines[-2:]
    assert served.get("/runs/@last/log?text=ABOUT TO")["lines"] == [
        line for line in lines if "about to" in line["text"]
    ]
    serious = served.get("/runs/@last/log?level=ERROR")["lines"]
    assert {line["level"] for line in serious} <= {"ERROR", "CRITICAL"}
    assert served.get("/runs/@last/log/first-error")["at"] == serious[0]["at"]
    assert served.get("/runs/@last/log/marks") == {
        "size": whole["size"],
        "every": 1000,
        "lines": len(lines),
        "marks": [0],
    }
    tries = served.get("/runs/@last-good/log?task=tries")["lines"]
    assert {line["attempt"] for line in tries} == {1, 2}
    assert tries[0]["text"].startswith("\x1b[31mred\x1b[0m"), "colours are as the task wrote them"
    only = served.get("/runs/@last-good/log?task=tries&attempt=2")["lines"]
    assert {line["attempt"] for line in only} == {2}


def test_a_log_is_downloaded_whole_or_in_part(served: Served) -> None:
    """Byte ranges as HTTP has them; several at once, and such as there are not, are refused."""
    path = "/api/v1/runs/@last/log/raw?task=last"
    whole = served.client.get(path)
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert "INFO - about to break" in whole.text
    size = len(whole.content)
    for asked, begin, end in (
        ("0-9", 0, 10),
        (f"{size - 5}-", size - 5, size),
        ("-4", size - 4, size),
        ("3-99999", 3, size),
    ):
        part = served.client.get(path, headers={"Range": f"bytes={asked}"})
        assert part.status_code == 206
        assert part.content == whole.content[begin:end]
        assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
    for asked in (f"{size}-", "5-2", "a-b", ",".join(["0-1"] * 1000)):
        assert served.client.get(path, headers={"Range": f"bytes={asked}"}).status_code == 416, asked[:20]
    merged = served.client.get("/api/v1/runs/@last/log/raw?download=1")
    assert "last | " in merged.text
    assert merged.headers["content-disposition"].startswith('attachment; filename="nightly-')


def test_jobs_have_their_runs_and_what_they_take(served: Served) -> None:
    """CF-61: ticks, grid and curves have at most as many points as were asked for."""
    job = served.get("/jobs/nightly")

    assert (job["file"], job["is_startable"]) == ("jobs/nightly.yaml", True)
    assert [one["status"] for one in job["runs"]] == ["completed", "failed"]
    assert job["success_rate"] == 0.5
    grid = served.get("/jobs/nightly/grid?runs=5")
    assert grid["cells"]["last"] == [None, "FAILED"]
    assert grid["cells"]["rows"] == ["COMPLETED", "COMPLETED"]
    assert len(served.get("/jobs/nightly/trends?limit=1")["points"]) == 1
    assert [one["state"] for one in served.get("/jobs/nightly/trends?task=tries")["points"]] == ["COMPLETED"] * 2
    assert served.get("/jobs/nightly/graph")["edges"] == served.get("/runs/@last/graph")["edges"]
    shown = served.get("/jobs/nightly/definition")
    rows = next(one for one in shown["origins"] if one["path"] == "tasks.rows.parameters.n")
    assert (rows["file"], rows["line"] > 0) == ("jobs/nightly.yaml", True)
    assert served.client.get("/api/v1/jobs/nightli").json()["detail"] == (
        "no job is named 'nightli'; did you mean 'nightly'?"
    )


def test_what_has_not_changed_is_not_sent_again(served: Served) -> None:
    """CF-66: an answer has an ETag; with it the next one is empty. Large ones are packed, and HEAD gives no body."""
    path = "/api/v1/runs/@last/tasks"
    first = served.client.get(path)
    again = served.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = served.client.get(path, headers={"If-None-Match": '"something else"'})
    assert other.json() == first.json()
    with served.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
        assert json.loads(gzip.decompress(b"".join(packed.iter_raw()))) == first.json()
    head = served.client.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_numbers_for_prometheus(served: Served) -> None:
    """Jobs with the number of their runs, and what the last came to."""
    text = served.client.get("/metrics").text

    assert 'flowrun_job_runs{job="nightly"} 2.0' in text
    assert 'flowrun_job_last_status{job="nightly",status="failed"} 1.0' in text
    assert "flowrun_runs_active 0.0" in text


def test_without_redis_there_are_no_workers(served: Served) -> None:
    """Workers and queues are asked for only where a Redis is named."""
    for path in ("/workers", "/queues"):
        assert served.get(path) == {"is_configured": False, "notice": "", "items": []}


def test_what_is_wrong_is_a_problem(served: Served) -> None:
    """Every refusal is problem+json, also of routes that there are not, methods, and malformed requests."""
    for method, path, status in (
        ("GET", "/api/v1/nope", 404),
        ("GET", "/api/v1/runs/zzz", 404),
        ("GET", "/nope", 404),
        ("GET", "/static/nope.js", 404),
        ("DELETE", "/api/v1/runs", 405),
        ("POST", "/api/v1/runs", 405),
        ("GET", "/api/v1/runs?limit=0", 422),
        ("GET", "/api/v1/runs?since=never", 422),
        ("GET", "/api/v1/runs?cursor=zzz", 404),
        ("POST", "/api/v1/jobs/nightly/runs", 415),
    ):
        answer = served.client.request(method, path, content=b"x" if status == 415 else None)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        body = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (body["status"], bool(body["detail"])) == (status, True)
        assert ("allow" in answer.headers) == (status == 405)
