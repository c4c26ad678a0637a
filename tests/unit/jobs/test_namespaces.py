"""Namespaces hold jobs by name."""

from __future__ import annotations

import pytest

from flowrun.errors import UsageError
from flowrun.jobs import active_namespace, clear_namespace, job_of, use_namespace
from flowrun.jobs.namespaces import task


@pytest.fixture(autouse=True)
def _cleared():
    clear_namespace()
    yield
    clear_namespace()


def test_an_argument_beats_the_innermost_block_which_beats_the_default():
    """AS-05: resolved when the decorator runs; nesting restores on exit."""

    @task
    def in_default() -> None: ...

    with use_namespace("outer"):
        with use_namespace("inner"):

            @task
            def in_inner() -> None: ...

            @task(namespace="named")
            def in_named() -> None: ...

        @task(max_attempts=2)
        def in_outer() -> None: ...

    assert active_namespace() == "default"
    assert {name: list(job_of(name)) for name in ("default", "inner", "named", "outer")} == {
        "default": ["in_default"],
        "inner": ["in_inner"],
        "named": ["in_named"],
        "outer": ["in_outer"],
    }


def test_one_name_in_two_namespaces_is_two_tasks():
    """AS-04, AS-05: each runs its own."""
    for name in ("a", "b"):
        with use_namespace(name) as job:

            @task
            def who(name: str = name) -> str:
                return name

            assert job_of() is job

    assert job_of("a").run_sync().results == {"who": "a"}
    assert job_of("b").run_sync().results == {"who": "b"}


def test_an_unknown_namespace_is_an_error():
    """AS-05: it is not made silently."""
    with use_namespace("known"), pytest.raises(UsageError, match="no namespace 'unknown'; there are: known"):
        job_of("unknown")


def test_a_namespace_can_be_cleared():
    """AS-05: clear_namespace."""
    with use_namespace("x"):
        clear_namespace("x")
    with pytest.raises(UsageError):
        job_of("x")
