"""The settings of the executor `redis`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from flowrun.executors.redis import RedisExecutor

from ...papers import DOCS


def test_the_reference_lists_every_setting() -> None:
    """Each parameter has a place in the table of the reference, and the table has no other."""
    text = (DOCS / "reference" / "redis.md").read_text(encoding="utf-8")
    table = text.partition("## Settings")[2].partition("## ")[0]
    listed = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*`[^|]*)\|", table, re.MULTILINE)))

    assert sorted(listed) == sorted(RedisExecutor.model_fields)


def test_where_redis_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment says it where the job file does not; the password is in no representation."""
    monkeypatch.setenv("FLOWRUN_REDIS_URL", "redis://:hidden@localhost:7000/1")

    assert RedisExecutor().url == "redis://:hidden@localhost:7000/1"
    assert "hidden" not in repr(RedisExecutor())
    assert RedisExecutor(url="unix:///run/redis.sock").url == "unix:///run/redis.sock"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"url": "redis://example.org"}, "would not be encrypted"),
        ({"url": "redis://localhost", "tls_ca": "ca.pem"}, "does not begin with rediss"),
        ({"queue": "A B"}, "cannot be the name of a queue"),
        ({"lease": "0.5s"}, "greater than or equal to 1"),
        ({"max_deliveries": 0}, "greater than or equal to 1"),
        ({"unknown": 1}, "Extra inputs are not permitted"),
    ],
)
def test_what_is_refused(settings: dict[str, Any], says: str) -> None:
    """Wrong settings are found before anything runs."""
    with pytest.raises(ValidationError, match=says):
        RedisExecutor.model_validate(settings)


def test_durations_are_written_as_elsewhere() -> None:
    """`10m` is ten minutes."""
    executor = RedisExecutor.model_validate(
        {"lease": "30s", "give_up_after": "10m", "tls_ca": "ca.pem", "url": "rediss://x"}
    )

    assert (executor.lease, executor.give_up_after, executor.tls_ca) == (30.0, 600.0, Path("ca.pem"))


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages it is said how to install them, before anything runs."""
    monkeypatch.setattr("flowrun.executors.redis.find_spec", lambda name: None)

    with pytest.raises(ValidationError, match=r"needs the extra \"redis\": pip install 'flowrun-jobs\[redis\]'"):
        RedisExecutor()
