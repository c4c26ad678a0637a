"""The API does what its specification says, whatever is asked of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..papers import DOCS, first_names, section
from ..project import Project
from ..served import TOKEN, Served

Serve = Callable[..., Served]

_PROCESSES = r"/stream|/jobs/.*/(schema|graph|definition|plan|runs)|/restart"
"""Each of these starts a process or never ends; the long version asks all but the stream."""
_MAY_REFUSE = """
[[operations]]
include-name = [
  "POST /api/v1/jobs/{job}/plan",
  "POST /api/v1/jobs/{job}/runs",
  "GET /api/v1/runs/{run}/restart-plan",
  "POST /api/v1/runs/{run}/restart",
]
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "409", "422", "5xx"]
"""
"""No schema can say which tasks and variables a job has."""


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with a run that failed."""
    project.job({"one": "Step", "two": {"task": "Fails", "dependencies": ["one"]}}, file="jobs/till.yaml")
    project.run(job="jobs/till.yaml")
    return project


def test_the_specification_is_whole(shop: Project, serve: Serve) -> None:
    """Every route has an id, a sentence, and a problem as its refusal; what changes something needs the token. CF-68"""
    served = serve(token=None)
    specification = served.get("/openapi.json")

    assert served.client.get("/api/openapi.json").json() == specification
    names = set()
    for path, operations in specification["paths"].items():
        for method, operation in operations.items():
            names.add(operation["operationId"])
            assert operation["description"], path
            assert "application/problem+json" in json.dumps(operation["responses"]), path
            assert bool(operation.get("security")) == (method == "post"), path
    assert len(names) == sum(len(operations) for operations in specification["paths"].values())
    assert {"listRuns", "readLog", "startRun", "restartRun", "stopRun", "watch"} <= names


def test_the_reference_has_every_route(shop: Project, serve: Serve) -> None:
    """docs/reference/api.md lists the routes of the specification, and no others."""
    specification = serve().get("/openapi.json")
    routes = {
        f"{method.upper()} {path}" for path, operations in specification["paths"].items() for method in operations
    }

    assert set(first_names(section(DOCS / "reference" / "api.md", "Routes"))) == routes


@pytest.mark.parametrize(
    ("left_out", "seconds"),
    [(_PROCESSES, 15), pytest.param("/stream", 240, marks=pytest.mark.full)],
    ids=["short", "long"],
)
def test_any_request_is_answered_as_specified(
    shop: Project, serve: Serve, tmp_path: Path, left_out: str, seconds: int
) -> None:
    """Schemathesis finds no answer that the specification does not have, no crash, and no way around the token."""
    served = serve()
    tool = shutil.which("schemathesis", path=str(Path(sys.executable).parent)) or shutil.which("schemathesis")
    assert tool is not None, "schemathesis is not installed: it is in the dependency group `dev`"
    (tmp_path / "schemathesis.toml").write_text(_MAY_REFUSE)
    finished = subprocess.run(
        [
            tool,
            "run",
            f"{served.address}/api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--exclude-path-regex", left_out),
            *("--phases", "examples,coverage,fuzzing"),
            *("--max-time", str(seconds), "--max-examples", "10", "--seed", "1", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-6000:] + finished.stderr[-1000:]
    assert "made a mistake" not in served.said
