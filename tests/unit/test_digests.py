"""Digests: by what a restart sees that a definition has changed."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun.digests import digests_of
from flowrun.jobdefinition import JobDefinition, flatten

TASK: dict[str, Any] = {"task": "A", "parameters": {"day": "monday"}, "foreach": [1, 2]}


def changed(task: dict[str, Any], salt: str = "run") -> set[str]:
    """The keys whose digests are others than those of TASK."""
    one, other = (
        digests_of(JobDefinition.model_validate({"tasks": {"a": it}}).tasks, key)["a"]
        for it, key in ((TASK, "run"), (task, salt))
    )
    return {key for key in {*one, *other} if one.get(key) != other.get(key)}


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({}, set()),
        ({"task": "B"}, {"task"}),
        ({"dependencies": ["b"]}, {"dependencies"}),
        ({"parameters": {"day": "tuesday"}}, {"parameters.day"}),
        ({"parameters": {}}, {"parameters.day"}),
        ({"foreach": [1, 2, 3]}, {"foreach"}),
        ({"max_attempts": 3, "timeout": 5}, set()),
    ],
)
def test_what_is_a_change(change: dict[str, Any], keys: set[str]) -> None:
    """What decides on the result is one; how it is run is none."""
    assert changed({**TASK, **change}) == keys


def test_digests_of_two_runs_cannot_be_compared() -> None:
    """Nobody can look up a value in a list made beforehand."""
    assert changed(TASK, salt="another") == {"parameters.day", "foreach"}


def test_members_of_groups_have_digests_of_their_own() -> None:
    """By full name; a group has its dependencies."""
    definition = JobDefinition.model_validate({"tasks": {"g": {"serial": {"a": {"task": "A"}, "b": {"task": "B"}}}}})

    assert digests_of(flatten(definition.tasks).tasks, "run") == {
        "g": {"task": "", "dependencies": ""},
        "g/a": {"task": "A", "dependencies": ""},
        "g/b": {"task": "B", "dependencies": "g/a"},
    }
