"""The models themselves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from flowrun.jobdefinition import Backoff, JobDefinition, PoolDefinition, TaskDefinition


def test_nothing_changes_after_loading():
    """A definition is frozen."""
    definition = JobDefinition(tasks={"a": TaskDefinition(task="T")})
    with pytest.raises(ValidationError):
        definition.tasks["a"].max_attempts = 5


def test_both_names_of_a_field_are_taken():
    """FM-32, FM-33: in Python as in files."""
    assert TaskDefinition(variant="T", depends_on=["a"]) == TaskDefinition(task="T", dependencies=("a",))


def test_forms_of_backoff_and_pools():
    """A number stands for the common case."""
    assert TaskDefinition(task="T", backoff="1m").backoff == 60.0
    assert TaskDefinition(task="T", backoff={"factor": 3}).backoff == Backoff(factor=3)
    pools = JobDefinition(tasks={}, pools={"a": 3, "b": PoolDefinition(slots=1), "c": {"slots": "2"}}).pools
    assert [pool.slots for pool in pools.values()] == [3, 1, 2]


def test_the_schema_describes_every_key():
    """Editors show a sentence for each key and section."""
    schema = JobDefinition.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        assert part["description"]
        assert all(key.get("description") for key in part["properties"].values()), part["title"]
    assert schema["$defs"]["LoggerDefinition"]["properties"]["parameters"]["description"] == "Fields of the class."
