"""Versions in the runner, the scheduler and the workers are compared."""

from __future__ import annotations

from typing import Any

from flowrun.executors.dask_cluster.versions import differences


def found(**changes: str) -> dict[str, Any]:
    """As Dask gives it."""
    packages = {"python": "3.11.7.final.0", "dask": "2026.8.0", "distributed": "2026.8.0", "msgpack": "1.1"}
    return {"packages": {**packages, "numpy": "2.0", **changes}}


def test_equal_versions_have_no_differences() -> None:
    """The last part of Python's, and other packages, may differ."""
    workers = {"tcp://a:1": found(python="3.11.9.final.0", numpy="1.0")}

    assert differences({"client": found(), "scheduler": found(), "workers": workers}) == []


def test_each_difference_is_named() -> None:
    """With who has what."""
    workers = {"tcp://a:1": found(python="3.12.1.final.0"), "tcp://b:1": found(msgpack="1.0")}
    lines = differences({"client": found(), "scheduler": found(dask="2025.1.0"), "workers": workers})

    assert lines == [
        "the scheduler has dask 2025.1.0, and the runner has 2026.8.0",
        "the worker tcp://a:1 has Python 3.12, and the runner has 3.11",
        "the worker tcp://b:1 has msgpack 1.0, and the runner has 1.1",
    ]


def test_a_worker_that_says_nothing_differs() -> None:
    """It cannot be trusted to be the same."""
    lines = differences({"client": found(), "scheduler": found(), "workers": {"tcp://a:1": None}})

    assert lines[0] == "the worker tcp://a:1 has Python (none), and the runner has 3.11"
