"""What a task of a job in Python returns is handed on as it is."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from flowrun.jobs import Job
from flowrun.task import Result

from .stock import load, states


class Connection:
    """Something that cannot be encoded."""


def test_one_result_is_read_in_every_way():
    """AS-20, X-AS-03: whole, by key and by index, by several tasks."""
    job = Job("j")
    job.add(load)

    @job.task
    def whole(it: Annotated[dict[str, Any], Result(load)]) -> str:
        return str(it["name"])

    @job.task
    def again(it: Annotated[dict[str, Any], Result(load)]) -> int:
        return len(it)

    @job.task
    def key(it: Annotated[list[int], Result(load, "rows")]) -> int:
        return sum(it)

    @job.task
    def index(it: Annotated[int, Result(load, "rows", 1)]) -> int:
        return it

    assert job.run_sync().results == {"load": asyncio.run(load()), "whole": "x", "again": 2, "key": 6, "index": 2}


def test_a_missing_key_fails_the_consumer():
    """AS-18, X-AS-03: the producer did its work."""
    job = Job("j")
    job.add(load)

    @job.task
    def key(it: Annotated[list[int], Result(load, "rws")]) -> None: ...

    report = job.run_sync()

    assert states(report) == {"load": "COMPLETED", "key": "FAILED"}
    assert all(word in report.tasks["key"].outcome.message for word in ("load", "rws", "rows"))


def test_results_are_handed_on_without_a_copy():
    """PROMISE of in-process runs: any object, the same object."""
    connection = Connection()
    job = Job("j")

    @job.task
    async def opened() -> Connection:
        return connection

    @job.task
    def used(it: Annotated[Any, Result("opened")]) -> bool:
        return it is connection

    report = job.run_sync()

    assert report.result("used") is True
    assert report.result("opened") is connection


def test_falsy_results_are_results():
    """F2-06, X-F2-05: 0, empty and False are kept; nothing overwrites another."""
    job = Job("j")
    for name, value in {"zero": 0, "empty": "", "no": False, "none": None, "list": []}.items():
        job.add(lambda value=value: value, name=name)

    assert job.run_sync().results == {"zero": 0, "empty": "", "no": False, "none": None, "list": []}
