"""Grounds: what has changed, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowrun.freshness.file_digests import FileDigest
from flowrun.freshness.grounds import Grounds

EARLIER = Grounds(
    salt="",
    variant="Load",
    source={"tasks/load.py": FileDigest("1")},
    parameters={"day": "1", "region": "1"},
    key={"1": "1"},
    env={"REGION": "1"},
    inputs={"a.csv": FileDigest("1", (1, 2)), "b.csv": FileDigest("1")},
)


def files(**texts: str) -> dict[str, FileDigest]:
    return {f"{name}.csv": FileDigest(text) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"inputs": files(a="1", b="1")}, ""),
        ({"inputs": files(a="1", b="2")}, "b.csv changed"),
        ({"inputs": files(a="1")}, "b.csv is gone"),
        ({"inputs": files(a="1", b="1", c="1")}, "c.csv is new"),
        ({"inputs": files(a="2", b="2", c="1")}, "a.csv changed, and 2 more of the inputs"),
        ({"parameters": {"day": "2", "region": "1"}}, "parameter day changed"),
        ({"parameters": {"day": "2"}}, "parameters changed: day, region"),
        ({"parameters": dict.fromkeys("abcde", "1")}, "parameters changed: a, b, c and 4 more"),
        ({"key": {"1": "2"}}, "cache key 1 changed"),
        ({"env": {"REGION": "2"}}, "environment variable REGION changed"),
        ({"source": {"tasks/load.py": FileDigest("2")}}, "tasks/load.py changed"),
        ({"variant": "Save"}, "the class is Save, it was Load"),
        ({"key": {"1": "2"}, "env": {}}, "cache key 1 changed; environment variable REGION changed"),
    ],
)
def test_a_difference_is_told_in_words(changes: dict[str, Any], words: str) -> None:
    """What has changed comes with its name, and much is summed up."""
    assert replace(EARLIER, **changes).difference(EARLIER) == words
