"""Runs are started, continued and stopped through the API, as processes of their own."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..project import Project, eventually
from ..served import Served

Serve = Callable[..., Served]

TASKS = """
@task
def add(a: int, b: int = 1) -> int:
    "Add two numbers."
    return a + b

@task
def echo(text: str) -> str:
    return text
"""


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with a job that takes variables, and one that waits."""
    project.task_module(TASKS)
    project.job(
        {
            "sum": {"task": "add", "parameters": {"a": 1}},
            "say": {"task": "echo", "parameters": {"text": "$VAR{who:me} in ${{ vars.region }}"}},
        },
        file="jobs/till.yaml",
        config={"name": "till"},
        vars={"region": "eu"},
    )
    project.job(
        {
            "before": "Step",
            "wait": {"task": "Step", "dependencies": ["before"], "parameters": {"waits_for": str(project.flag)}},
        },
        file="jobs/slow.yaml",
        config={"name": "slow"},
    )
    return project


def results(served: Served, run: str) -> dict[str, object]:
    """What the tasks of a run returned."""
    return {one["task"]: one["value"] for one in served.get(f"/runs/{run}/values")["results"]}


def test_a_run_with_variables_and_parameters(shop: Project, serve: Serve) -> None:
    """CF-72: what a form has asked for stands above the job file, and the run is found under its id."""
    served = serve()
    form = served.get("/jobs/till/schema")
    assert form["variables"]["properties"]["who"] == {"type": "string", "default": "me", "description": "$VAR{who}"}
    assert form["variables"]["properties"]["region"]["default"] == "eu"
    adds = next(one for one in form["tasks"] if one["name"] == "sum")
    assert (adds["task"], adds["given"], adds["description"]) == ("add", {"a": 1}, "Add two numbers.")
    assert set(adds["parameters"]["properties"]) >= {"a", "b"}

    asked = {"variables": {"who": "you", "region": "us"}, "parameters": {"sum": {"b": 41}}, "labels": {"why": "test"}}
    plan = served.post("/jobs/till/plan", asked)
    assert plan.status_code == 200
    assert [row["verb"] for row in plan.json()["tasks"]] == ["run", "run"]
    assert "2 tasks to run" in plan.json()["text"]
    assert plan.json()["warnings"] == []
    assert str(shop.root) not in plan.text
    started = served.post("/jobs/till/runs", asked)
    assert started.status_code == 201, started.text
    run = started.json()["run"]
    assert started.headers["location"] == f"/api/v1/runs/{run}"

    ended = served.ended(run)
    assert (ended["status"], ended["job"], ended["labels"]) == ("completed", "till", {"why": "test"})
    assert results(served, run) == {"sum": 42, "say": "you in us"}
    assert [one["id"] for one in served.get("/runs?label=why%3Dtest")["items"]] == [run]


def test_what_cannot_be_started_says_why(shop: Project, serve: Serve) -> None:
    """X-CF-21: a request that cannot be carried out is refused at once, with the words of the command line."""
    shop.job({"one": "Stpe"}, file="jobs/wrong.yaml", config={"name": "wrong"})
    served = serve()

    for path, body, status, said in (
        ("/jobs/nope/runs", {}, 404, "no job is named 'nope'"),
        ("/jobs/till/runs", {"only": ["smu"]}, 422, "did you mean 'sum'"),
        ("/jobs/till/runs", {"parameters": {"smu": {}}}, 422, "has no task 'smu'"),
        ("/jobs/till/runs", {"parameters": {"sum": {"b": "many"}}}, 422, "must be"),
        ("/jobs/till/runs", {"wrong": 1}, 422, "wrong"),
        ("/jobs/wrong/runs", {}, 422, "Stpe"),
        ("/runs/nope/stop", {}, 404, "nope"),
    ):
        answer = served.post(path, body)
        assert answer.status_code == status, f"{path} {body}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.text, answer.text
        assert "Traceback" not in answer.text
    assert served.get("/runs")["items"] == []


def test_a_variable_that_the_job_does_not_name_is_told(shop: Project, serve: Serve) -> None:
    """X-CF-21: the plan says so before anything starts, with the name that was probably meant."""
    served = serve()
    plan = served.post("/jobs/till/plan", {"variables": {"whom": "us"}}).json()

    assert [(one["code"], one["hint"]) for one in plan["warnings"]] == [("FR114", "did you mean `who`?")]
    typed = shop.command("plan", "-j", "jobs/till.yaml", "--var", "whom=us").wait()
    assert (typed.status, "FR114" in typed.err, "FR114" in typed.out) == (0, True, False)

    started = served.post("/jobs/till/runs", {"variables": {"whom": "us"}})
    assert (started.status_code, started.json()["warnings"]) == (201, plan["warnings"])
    assert served.ended(started.json()["run"])["status"] == "completed"
    assert served.post("/jobs/till/runs", {"variables": {"who": "us"}}).json()["warnings"] == []


def test_mistakes_of_a_job_file_are_told_one_by_one(shop: Project, serve: Serve) -> None:
    """X-CF-21: each with its code and its place in the project, for a plan as for a start."""
    tasks = {"one": "Stpe", "two": {"task": "Step", "parameters": {"waits_fro": 1}}}
    shop.job(tasks, file="jobs/wrong.yaml", config={"name": "wrong"})
    served = serve()

    for path in ("/jobs/wrong/plan", "/jobs/wrong/runs"):
        refused = served.post(path)
        assert refused.status_code == 422
        found = {one["path"]: one for one in refused.json()["problems"]}
        assert {one["file"] for one in found.values()} == {"jobs/wrong.yaml"}
        assert (found["tasks.one.task"]["code"], found["tasks.one.task"]["line"]) == ("FR402", 5)
        assert len(found) == 2
        assert str(shop.root) not in refused.text


def test_the_same_key_starts_one_run(shop: Project, serve: Serve) -> None:
    """W-16: a request that is repeated, also at the same time or after the server was started again, starts one run."""
    served = serve()
    key = {"Idempotency-Key": "once"}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: served.post("/jobs/till/runs", {}, **key), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["run"] for answer in answers}) == 1
    other = served.post("/jobs/till/runs", {"variables": {"who": "else"}}, **key)
    assert other.status_code == 422
    served.stop()

    again = serve()
    assert again.post("/jobs/till/runs", {}, **key).json() == answers[0].json()
    assert len(again.get("/runs")["items"]) == 1


def test_a_job_that_runs_is_not_started_twice(shop: Project, serve: Serve) -> None:
    """The lock of the job holds for runs from the API, too."""
    served = serve()
    run = served.post("/jobs/slow/runs").json()["run"]
    shop.wait_for_mark("wait")

    second = served.post("/jobs/slow/runs")
    assert second.status_code == 409
    assert "already running" in second.json()["detail"]
    shop.flag.touch()
    assert served.ended(run)["status"] == "completed"


def test_a_run_is_continued_with_its_variables(shop: Project, serve: Serve) -> None:
    """What the command line or a form had given counts in the restart; a secret among it is not kept, and is missed."""
    waiting = {"task": "Step", "parameters": {"waits_for": str(shop.flag)}}
    echo = {"task": "echo", "dependencies": ["wait"], "parameters": {"text": "$VAR{who:me}"}}
    shop.job({"wait": waiting, "say": echo}, file="jobs/late.yaml", config={"name": "late"})
    served = serve()
    run = served.post("/jobs/late/runs", {"variables": {"who": "you there"}}).json()["run"]
    shop.wait_for_mark("wait")
    served.post(f"/runs/{run}/stop")
    command = f"flowrun -j jobs/late.yaml --var 'who=you there' -r {run}"
    assert served.ended(run)["continue_command"] == command

    shop.flag.touch()
    assert served.post(f"/runs/{run}/restart").status_code == 201
    assert served.ended(run)["status"] == "completed"
    assert results(served, run)["say"] == "you there"

    shop.job({"one": "Fails"}, file="jobs/open.yaml", config={"name": "open"})
    assert shop.run("--var", "api_token=s3cret", job="jobs/open.yaml").status == 1
    hidden = served.get("/runs/@last")
    refused = served.post(f"/runs/{hidden['id']}/restart")
    assert refused.status_code == 409
    assert "'api_token', and its value is not kept: continue it in a terminal" in refused.json()["detail"]
    assert "s3cret" not in json.dumps(hidden) + refused.text


def test_a_run_is_stopped_and_continued(shop: Project, serve: Serve) -> None:
    """A stopped run is continued from where it was, after the plan was shown; what completed stays."""
    served = serve()
    run = served.post("/jobs/slow/runs").json()["run"]
    shop.wait_for_mark("wait")
    live = served.get(f"/runs/{run}")
    assert (live["can_stop"], live["can_restart"]) == (True, False)
    assert served.post(f"/runs/{run}/restart").status_code == 409

    stopped = served.post(f"/runs/{run}/stop")
    assert (stopped.status_code, stopped.json()) == (202, {"run": run, "sent": "TERM"})
    over = served.ended(run)
    assert (over["status"], over["can_stop"], over["can_restart"]) == ("stopped", False, True)
    assert run in over["continue_command"]
    assert served.post(f"/runs/{run}/stop").status_code == 409

    plan = served.get(f"/runs/{run}/restart-plan")
    assert {row["task"]: row["verb"] for row in plan["tasks"]} == {"before": "keep", "wait": "rerun"}
    assert (plan["run"], plan["restart"]) == (run, True)
    assert f"restart of run {run}" in plan["text"]
    some = served.get(f"/runs/{run}/restart-plan", params={"from": "before", "rerun_changed": "true"})
    assert {row["task"]: row["verb"] for row in some["tasks"]} == {"before": "rerun", "wait": "rerun"}

    shop.flag.touch()
    again = served.post(f"/runs/{run}/restart", {}, **{"Idempotency-Key": "go on"})
    assert (again.status_code, again.json()["run"]) == (201, run)
    eventually(lambda: served.get(f"/runs/{run}")["status"] == "completed")
    assert served.post(f"/runs/{run}/restart", {}, **{"Idempotency-Key": "go on"}).json() == again.json()
    assert served.post(f"/runs/{run}/restart", {}).status_code == 409
    assert served.get(f"/runs/{run}")["starts"] == 2
    assert shop.count("before") == 1


def test_a_run_is_killed_at_once_if_that_is_asked(shop: Project, serve: Serve) -> None:
    """`now`: its tasks are not waited for."""
    shop.task_module(
        "import signal\n"
        "@task\ndef deaf(label: str) -> None:\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    from tasks.stock import mark\n    mark(label, 'start')\n    time.sleep(600)\n",
        "deaf",
    )
    shop.job(
        {"deaf": {"task": "deaf", "parameters": {"label": "deaf"}}}, file="jobs/deaf.yaml", config={"name": "deaf"}
    )
    served = serve()
    run = served.post("/jobs/deaf/runs").json()["run"]
    shop.wait_for_mark("deaf")

    assert served.post(f"/runs/{run}/stop", {"now": True}).json()["sent"] == "TERM TERM"
    ended = served.ended(run)
    assert (ended["status"], ended["seconds"] < 600) == ("stopped", True)


def test_runs_outlive_the_server(shop: Project, serve: Serve) -> None:
    """W-17, CF-62: a server that is killed takes no run with it, and the next one finds them as they are."""
    served = serve()
    run = served.post("/jobs/slow/runs").json()["run"]
    shop.wait_for_mark("wait")
    with served.watching(f"?run={run}") as events:
        assert next(events)[0] == "hello"
        served.process.signal(signal.SIGKILL)
        served.process.wait()

    again = serve()
    assert again.get(f"/runs/{run}")["is_live"] is True
    shop.flag.touch()
    assert again.ended(run)["status"] == "completed"


def test_a_task_is_performed_alone_with_the_command_that_is_shown(shop: Project, serve: Serve) -> None:
    """The command for one task can be typed as it is shown."""
    served = serve()
    run = served.post("/jobs/till/runs").json()["run"]
    served.ended(run)
    command = served.get(f"/runs/{run}/spin?task=sum")["command"]

    assert command.startswith("flowrun spin sum -j jobs/till.yaml")
    finished = shop.command(*command.split()[1:]).wait()
    assert finished.status == 0, finished
    assert "2" in finished.out


def test_items_that_failed_run_again_alone(shop: Project, serve: Serve) -> None:
    """CF-73: a restart performs those, and the others are kept."""
    shop.task_module(
        "@task\ndef opens(item: str, flag: str) -> str:\n"
        "    if item != 'a' and not os.path.exists(flag):\n        raise ValueError(item)\n    return item\n",
        "items",
    )
    each = {"task": "opens", "foreach": ["a", "b", "c"], "parameters": {"item": "${{ item }}", "flag": str(shop.flag)}}
    shop.job({"each": each}, file="jobs/items.yaml", config={"name": "items"})
    served = serve()
    run = served.post("/jobs/items/runs").json()["run"]
    assert served.ended(run)["counts"] == {"COMPLETED": 1, "FAILED": 2}
    shop.flag.touch()

    plan = served.get(f"/runs/{run}/restart-plan")["tasks"]
    assert served.post(f"/runs/{run}/restart").status_code == 201

    eventually(lambda: served.get(f"/runs/{run}")["counts"] == {"COMPLETED": 3})
    rows = {row["name"]: row for row in served.get(f"/runs/{run}/tasks")["items"]}
    assert [(row["task"], row["verb"]) for row in plan] == [("each", "rerun")]
    assert [len(rows[f"each[{item}]"]["attempts"]) for item in "abc"] == [1, 2, 2]


def test_what_is_given_arrives_as_it_is_each_time(shop: Project, serve: Serve) -> None:
    """X-CF-26: a list stays a list of so many items, and of two starts neither takes the place of the other."""
    shop.task_module("@task\ndef length(items: list) -> int:\n    return len(items)\n", "lengths")
    shop.job(
        {"length": {"task": "length", "parameters": {"items": []}}},
        file="jobs/lists.yaml",
        config={"name": "lists", "on_overlap": "wait"},
    )
    served = serve()

    for items in ([1, 2, 3], [[4]]):
        assert served.post("/jobs/lists/runs", {"parameters": {"length": {"items": items}}}).status_code in (201, 202)

    runs = eventually(lambda: found if len(found := served.get("/runs?status=completed")["items"]) == 2 else None)
    assert {results(served, run["id"])["length"] for run in runs} == {1, 3}


def test_a_changed_job_file_can_be_continued(shop: Project, serve: Serve) -> None:
    """A run with parameters of its own is continued with them: its job file includes that of the job."""
    shop.job(
        {
            "etl": {
                "serial": {
                    "sum": {"task": "add", "parameters": {"a": 1}},
                    "fails": {"task": "FailsUntilFlag", "parameters": {"flag": str(shop.flag)}},
                }
            }
        },
        file="jobs/nested.yaml",
        config={"name": "nested"},
    )
    served = serve()
    started = served.post("/jobs/nested/runs", {"parameters": {"etl/sum": {"a": 10}}})
    assert started.status_code == 201, started.text
    run = started.json()["run"]
    assert served.ended(run)["status"] == "failed"
    shop.flag.touch()
    assert served.post(f"/runs/{run}/restart").status_code == 201
    eventually(lambda: served.get(f"/runs/{run}")["status"] == "completed")

    assert results(served, run)["etl/sum"] == 11
    assert json.dumps([row["name"] for row in served.get("/jobs")["items"]]).count("nested") == 1
