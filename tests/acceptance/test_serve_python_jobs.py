"""Jobs in Python are seen, started and continued through the API as those in files are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..project import Project
from ..served import Served

Serve = Callable[..., Served]

NIGHTLY = """
import os
from flowrun import Job

job = Job("nightly", vars={"region": "eu"})


@job.task
def load(rows: int = 3) -> int:
    return rows


@job.task(dependencies=["load"], parameters={"region": "${{ vars.region }}"})
def send(region: str) -> str:
    if not os.path.exists("flag"):
        raise ValueError("closed")
    return region
"""


@pytest.fixture
def nightly(project: Project) -> Project:
    """A project with a job in Python that has run once, from a directory below, and failed."""
    project.file("jobs_in_python/nightly.py", NIGHTLY)
    below = project.root / "jobs_in_python"
    assert project.run("--var", "region=us", job="nightly.py:job", cwd=below).status == 1
    return project


def test_a_run_of_a_job_in_python_is_continued(nightly: Project, serve: Serve) -> None:
    """CF-73: with its plan, its variables, and what it has completed; the source of a task is that of the module."""
    served = serve()
    run = served.get("/runs/@last")
    assert (run["file"], run["can_restart"], run["vars"]) == ("jobs_in_python/nightly.py:job", True, {"region": "us"})
    assert run["continue_command"] == f"flowrun -j jobs_in_python/nightly.py:job --var region=us -r {run['id']}"
    source = served.get(f"/runs/{run['id']}/task?task=send")["source"]
    assert (source["file"], source["line"]) == ("jobs_in_python/nightly.py", 13)

    plan = served.get(f"/runs/{run['id']}/restart-plan")
    assert {row["task"]: row["verb"] for row in plan["tasks"]} == {"load": "keep", "send": "rerun"}
    nightly.file("flag")
    assert served.post(f"/runs/{run['id']}/restart").status_code == 201
    assert served.ended(run["id"])["status"] == "completed"
    results = {one["task"]: one["value"] for one in served.get(f"/runs/{run['id']}/values")["results"]}
    assert results == {"load": 3, "send": "us"}

    nightly.file("flag").unlink()
    served.post("/jobs/nightly/runs")
    again = served.ended(served.get("/runs/@last")["id"])
    (nightly.root / "jobs_in_python" / "nightly.py").unlink()
    refused = served.post(f"/runs/{again['id']}/restart")
    assert (refused.status_code, "is not there any more" in refused.json()["detail"]) == (409, True)


def test_a_job_in_python_is_shown_and_started(nightly: Project, serve: Serve) -> None:
    """CF-72: its tasks, graph, definition and variables; parameters of single tasks are refused in plain words."""
    served = serve()
    job = served.get("/jobs/nightly")
    assert (job["tasks"], job["is_startable"], job["file"]) == (2, True, "jobs_in_python/nightly.py:job")
    assert [task["name"] for task in served.get("/jobs/nightly/graph")["nodes"]] == ["load", "send"]
    assert served.get("/jobs/nightly/definition")["definition"]["vars"] == {"region": "eu"}
    form = served.get("/jobs/nightly/schema")
    assert (form["variables"]["properties"]["region"]["default"], form["tasks"]) == ("eu", [])

    asked = {"variables": {"region": "at"}, "only": ["load"]}
    plan = served.post("/jobs/nightly/plan", asked).json()
    assert {row["task"]: row["verb"] for row in plan["tasks"]} == {"load": "run", "send": "skip"}
    started = served.post("/jobs/nightly/runs", asked)
    assert started.status_code == 201, started.text
    assert served.ended(started.json()["run"])["status"] == "completed"
    refused = served.post("/jobs/nightly/runs", {"parameters": {"load": {"rows": 4}}})
    assert (refused.status_code, "written in Python" in refused.json()["detail"]) == (422, True)
