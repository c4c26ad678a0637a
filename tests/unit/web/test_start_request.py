"""What may be asked for, and the options that it becomes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from flowrun.web.start_request import RestartRequest, StartRequest, changed_job


def test_options_cannot_be_smuggled_in() -> None:
    """Whatever a name looks like, it stays the value of its option."""
    asked = StartRequest.model_validate(
        {
            "from": ["--yes", "a b"],
            "variables": {"n": 1, "on": True, "x": "-j=y"},
            "labels": {"k": "v"},
            "max_concurrency": 2,
        }
    )

    assert list(asked.options()) == ["--from=--yes", "--from=a b"]
    assert list(asked.variable_options()) == ["--var=n=1", "--var=on=true", "--var=x=-j=y"]
    assert list(asked.run_options()) == ["--label=k=v", "--max-concurrency=2"]
    assert list(RestartRequest(rerun_changed=True, skip=["a"]).options()) == ["--skip=a", "--rerun-changed"]


@pytest.mark.parametrize(
    "body",
    [
        {"unknown": 1},
        {"only": "one"},
        {"only": [""]},
        {"only": ["a\0b"]},
        {"variables": {"a=b": "c"}},
        {"variables": {"a": ["b"]}},
        {"variables": {"a": "\0"}},
        {"variables": {"a": "\ud800"}},
        {"labels": {"a": 1}},
        {"max_concurrency": -1},
    ],
)
def test_what_cannot_be_asked_for(body: dict[str, Any]) -> None:
    """Nothing that a command line cannot carry, and no key that nobody knows."""
    with pytest.raises(ValidationError):
        StartRequest.model_validate(body)


def test_parameters_stand_above_the_job_file() -> None:
    """In a file that includes it, at the place at which each task is written."""
    asked = StartRequest(parameters={"one": {"n": 1}, "g/two": {"x": [2]}})

    assert changed_job("jobs/a.yaml", "a", {"g/two": ("tasks", "g", "serial", "two")}, asked) == {
        "include": ["jobs/a.yaml"],
        "config": {"name": "a"},
        "tasks": {"one": {"parameters": {"n": 1}}, "g": {"serial": {"two": {"parameters": {"x": [2]}}}}},
    }
