"""The reference cannot drift: tasks, plugins and the Python interface are those of the code."""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import fields
from typing import Any

import pytest

from flowrun import Flowrun
from flowrun.attempt import Outcome, Reason
from flowrun.bundled import BUNDLED, bundled_class
from flowrun.checkpointer import CheckpointContents, Checkpointer
from flowrun.engine.report import Ending, Report, TaskReport
from flowrun.executors.executor import Executor
from flowrun.extensions.extension import Extension
from flowrun.lifecycle import AsyncLifecycle, Lifecycle
from flowrun.loggers.logger import Logger
from flowrun.secrets import Secrets
from flowrun.task import Task, TaskMetadata

from ..papers import DOCS, default_of, first_names, named, rows, section

REFERENCE = DOCS / "reference"


SEVERAL = {"secrets": "sources of secrets"}
PYDANTICS = ("model_config", "model_post_init")


def public_members(cls: type[Any]) -> set[str]:
    """What a class defines itself, without what Pydantic adds."""
    names = (*vars(cls), *vars(cls).get("__annotations__", ()))
    return {name for name in names if not name.startswith("_") and name not in PYDANTICS}


def test_the_reference_has_every_hook_and_property_of_a_task() -> None:
    """Hooks, what a task may use, its metadata, and the reasons of outcomes (FM-57 to FM-65)."""
    page = REFERENCE / "task.md"
    used = {name.removeprefix("self.") for name in first_names(section(page, "What it may use"))}

    assert set(first_names(section(page, "Hooks"))) == {*public_members(Lifecycle), "run"}
    assert used == public_members(Task) - {"run", "take_bench"}
    assert first_names(section(page, "metadata")) == [field.name for field in fields(TaskMetadata)]
    assert first_names(section(page, "Success and failure")) == [reason.value for reason in Reason]


@pytest.mark.parametrize(
    ("heading", "cls"),
    [
        ("Logger", Logger),
        ("Extension", Extension),
        ("Executor", Executor),
        ("Secrets", Secrets),
        ("Hooks of loggers, extensions, checkpointers and executors", AsyncLifecycle),
    ],
)
def test_the_reference_has_every_member_of_a_contract(heading: str, cls: type[Any]) -> None:
    """Each method and class variable that a plugin may have."""
    assert set(first_names(section(REFERENCE / "plugins.md", heading))) == public_members(cls)


def test_the_reference_has_every_member_of_a_checkpointer() -> None:
    """Its methods, and the fields of what it keeps (FM-76)."""
    written = first_names(section(REFERENCE / "plugins.md", "Checkpointer"))

    assert set(written) == public_members(Checkpointer) | {field.name for field in fields(CheckpointContents)}


PAGES = {"redis": "redis.md", "RedisExecutor": "redis.md", "dask": "dask.md", "DaskExecutor": "dask.md"}


@pytest.mark.parametrize("kind", sorted(BUNDLED))
def test_the_reference_has_everything_in_the_box(kind: str) -> None:
    """Each bundled class with its parameters and their defaults."""
    page = REFERENCE / "plugins.md"
    moments = ("create", "success", "failure", "abort", "approval")
    common = {*(f"notify_on_{moment}" for moment in moments), "timeout_seconds"}
    written: dict[str, dict[str, str]] = {}
    shared: dict[str, str] = {}
    for row in rows(section(page, f"Bundled {SEVERAL.get(kind, f'{kind}s')}")):
        if len(row) == 3:
            shared[named(row[0])[0]] = row[1].strip("`")
        elif row[0]:
            parameters = written.setdefault(named(row[0])[0], {})
        else:
            parameters[named(row[1])[0]] = row[2].strip("`")

    for name in BUNDLED[kind]:
        cls = bundled_class(kind, name)
        assert cls is not None
        if page_of_its_own := PAGES.get(name):
            settings = rows(section(REFERENCE / page_of_its_own, "Settings"))
            assert {key for row in settings for key in named(row[0])} == set(cls.model_fields), name
            assert not written.pop(name), name
            continue
        expected = {key: default_of(field).strip("`") for key, field in cls.model_fields.items()}
        found = {**(shared if common <= set(expected) else {}), **written.pop(name)}
        assert set(found) == set(expected), name
        assert {key: value.lower() for key, value in found.items() if " " not in value and "'" not in value} == {
            key: value.lower() for key, value in expected.items() if " " not in found[key] and "'" not in found[key]
        }, name
    assert not written


def test_the_reference_has_the_whole_python_interface() -> None:
    """The members of Flowrun, its reports, and what is imported from where (FM-88 to FM-93)."""
    page = REFERENCE / "python.md"
    members = [
        name.partition("(")[0] for name in first_names(section(page, "Flowrun")) if name.isidentifier() or "(" in name
    ]
    arguments = set(inspect.signature(Flowrun.start).parameters) - {"self"}

    assert set(members) == public_members(Flowrun) | {"Flowrun", "report"} | arguments
    for heading, cls in (("Report", Report), ("TaskReport", TaskReport), ("Outcome", Outcome)):
        assert first_names(section(page, heading)) == [field.name for field in fields(cls)]
    assert set(re.findall(r"`([A-Z_]+)`", section(page, "Report"))) >= {ending.name for ending in Ending}


def test_import_paths_in_the_reference_lead_somewhere() -> None:
    """Each name can be imported from where the reference says."""
    listed = rows(section(REFERENCE / "python.md", "Import paths"))

    assert listed
    for where, what, *_ in listed:
        module = importlib.import_module(named(where)[0])
        assert not [name for name in named(what) if not hasattr(module, name)]
