"""What travels of an attempt and of its outcome."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun import values
from flowrun.attempt import Attempt, Outcome, Reason
from flowrun.frq.body import read, write
from flowrun.frq.faults import UnreadableError
from flowrun.frq.inline import inlined
from flowrun.frq.message import TaskMessage
from flowrun.frq.result_body import outcome_of, refused_body, result_body
from flowrun.frq.status import Status
from flowrun.frq.task_body import attempt_of, shared_of, task_body
from flowrun.values.file_store import FileStore

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PYTHON = st.recursive(
    JSON | st.dates() | st.binary() | st.decimals(allow_nan=False) | st.uuids(),
    lambda inner: st.tuples(inner) | st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _there_and_back(body: Any) -> Any:
    return read(write(body))


def _attempt(**more: Any) -> Attempt:
    return Attempt(run_id="R", job_name="job", task="load", variant="Load", number=2, depends_on=("a",), **more)


def _read(body: Any) -> Attempt:
    message = TaskMessage(id="R/load/2", handler="Load", client="R", attempt=2)
    return attempt_of(message, _there_and_back(body))


@given(st.dictionaries(st.text(min_size=1), JSON, max_size=4), st.dictionaries(st.text(min_size=1), PYTHON, max_size=4))
def test_an_attempt_arrives_as_it_was(parameters: dict[str, Any], given: dict[str, Any]) -> None:
    """A worker in Python is given exactly the values that a local one would be."""
    attempt = _attempt(parameters=parameters, given={name: values.encode(value) for name, value in given.items()})

    arrived = _read(task_body(attempt, {}))

    found = {**arrived.parameters, **{name: values.decode(text) for name, text in arrived.given.items()}}
    assert found == {**parameters, **given}
    assert arrived.depends_on == ("a",)
    assert arrived.number == 2


def test_other_languages_read_plain_parameters() -> None:
    """Moments are text, large integers are text, bytes are base64; nothing of Python is among the parameters."""
    given = {"day": values.encode(date(2026, 1, 2)), "raw": values.encode(b"\x00"), "pair": values.encode((1, 2))}
    body = task_body(_attempt(parameters={"many": 2**60, "name": "x"}, given=given), {'"day"': values.encode(date.min)})

    plain = _there_and_back(body)

    assert plain["params"] == {
        "day": "2026-01-02",
        "many": str(2**60),
        "name": "x",
        "pair": [1, 2],
        "raw": {"$bytes": "AA=="},
    }
    assert plain["shared"] == {"day": "0001-01-01"}
    assert plain["run"]["task"] == "load"


def test_parameters_that_json_does_not_have() -> None:
    """Numbers that are none arrive as they were; other languages are given a text."""
    body = task_body(_attempt(parameters={"limit": float("inf"), "n": 1}), {})

    assert _read(body).given["limit"] == values.encode(float("inf"))
    assert _there_and_back(body)["params"] == {"limit": "inf", "n": 1}


def test_what_is_plain_travels_once() -> None:
    """Values that JSON says fully are not repeated for workers in Python."""
    body = task_body(_attempt(parameters={"a": 1}, given={"b": values.encode([1, "x"])}), {'"k"': "1"})

    assert set(body["run"]) == {"job", "run_id", "task", "attempt"}
    assert not {"parameters", "given"} & set(body["run"]["attempt"])


def test_secrets_travel_by_name() -> None:
    """The value of a secret is nowhere in the body; other variables are."""
    attempt = _attempt(env={"TOKEN": "hunter2", "PLAIN": "open"}, secrets=("TOKEN",))

    body = task_body(attempt, {})

    assert "hunter2" not in json.dumps(body)
    arrived = _read(body)
    assert (arrived.env, arrived.secrets) == ({"PLAIN": "open"}, ("TOKEN",))


@given(st.dictionaries(st.one_of(st.text(), st.integers(), st.dates()), PYTHON, max_size=4))
def test_shared_values_arrive_as_they_were(shared: dict[Any, Any]) -> None:
    """Keys and values of any kind, in both directions."""
    texts = {values.encode(key): values.encode(value) for key, value in shared.items()}

    there = shared_of(_there_and_back(task_body(_attempt(), texts)))
    _status, body = result_body(Outcome.completed().but(shared={**texts, '"gone"': None}))
    back = outcome_of(Status.OK, _there_and_back(body)).shared

    assert {values.decode(key): values.decode(text) for key, text in there.items()} == shared
    assert back.pop('"gone"') is None or "gone" in shared
    assert {values.decode(key): values.decode(text or "") for key, text in back.items()} == {
        key: value for key, value in shared.items() if key != "gone"
    }


def test_a_body_of_another_client() -> None:
    """Without `run.attempt` the attempt is made of what every client sends."""
    arrived = _read({"params": {"n": 1}, "shared": {}, "run": {"job": "j", "task": "t"}})

    assert (arrived.run_id, arrived.job_name, arrived.task, arrived.variant) == ("R", "j", "t", "Load")
    assert arrived.parameters == {"n": 1}


@pytest.mark.parametrize("body", [[], "x", None, {"params": 1}, {"params": {}, "run": {"attempt": 3}}])
def test_bodies_that_are_none(body: Any) -> None:
    """Anything else is refused, and never raises something else."""
    with pytest.raises(UnreadableError):
        _read(body)


def test_a_body_that_is_nested_too_deeply() -> None:
    """It is refused as any other that cannot be read: no message ends the worker."""
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}

    with pytest.raises(UnreadableError):
        shared_of({"shared": {"name": deep}})


def test_the_message_says_what_is_performed() -> None:
    """A body cannot have another task performed than the one that was looked at, nor count as another attempt."""
    arrived = _read({"params": {}, "run": {"attempt": {"variant": "Shell", "number": 9}}})

    assert (arrived.variant, arrived.number) == ("Load", 2)


@given(PYTHON)
def test_a_result_arrives_as_it_was(value: Any) -> None:
    """The text of a result is that of a local attempt."""
    text = values.encode(value)
    status, body = result_body(Outcome.completed(text))

    outcome = outcome_of(status, _there_and_back(body))

    assert outcome.is_completed
    assert values.decode(outcome.result or "null") == value


def test_returning_nothing_is_not_returning_none_as_a_value() -> None:
    """An attempt without a result has none afterwards."""
    status, body = result_body(Outcome.completed())

    assert outcome_of(status, _there_and_back(body)) == Outcome.completed()


def test_a_failure_arrives_whole() -> None:
    """Names, place, traceback, late errors: everything that the engine knows of a local failure."""
    failed = Outcome(
        Reason.EXITED,
        "exit status 3",
        error_types=("SystemExit",),
        place=("tasks/a.py", 7),
        traceback="...",
        exit_status=3,
        hook_errors=("on_destroy: x",),
        spawned=({"name": "more", "parameters": {"n": 2**70}},),
        is_final=True,
    )

    status, body = result_body(failed)

    assert status is Status.FAILED
    assert outcome_of(status, _there_and_back(body)) == failed
    assert body["error"] == {
        "code": "exception",
        "type": "SystemExit",
        "message": "exit status 3",
        "trace": "...",
        "retryable": False,
    }


@pytest.mark.parametrize(
    ("status", "body", "reason", "message", "is_final"),
    [
        (Status.OK, {"value": {"rows": 3}}, Reason.RETURNED, "", False),
        (
            Status.FAILED,
            {"error": {"code": "exception", "type": "ValueError", "message": "bad", "retryable": True}},
            Reason.RAISED,
            "ValueError: bad",
            False,
        ),
        (
            Status.FAILED,
            {"error": {"type": "", "message": "bad", "retryable": False}},
            Reason.RAISED,
            "bad",
            True,
        ),
        (Status.CANCELLED, {}, Reason.ABORTED, "cancelled", False),
        (Status.REJECTED, refused_body("no_handler", "no such task"), Reason.NOT_STARTED, "no such task", True),
        (
            Status.REJECTED,
            refused_body("bad_params", "n is missing"),
            Reason.RAISED,
            "ValidationError: n is missing",
            True,
        ),
        (Status.LOST, refused_body("max_deliveries", "lost 3 times"), Reason.LOST, "lost 3 times", False),
    ],
)
def test_results_of_other_languages(
    status: Status, body: dict[str, Any], reason: Reason, message: str, is_final: bool
) -> None:
    """What a worker in another language says becomes an outcome as well."""
    outcome = outcome_of(status, body)

    assert (outcome.reason, outcome.message, outcome.is_final) == (reason, message, is_final)


def test_values_of_other_languages() -> None:
    """Bytes are bytes again; a mapping that only looks like a tag stays a mapping."""
    outcome = outcome_of(Status.OK, {"value": {"raw": {"$bytes": "AP8="}, "odd": {"$date": "x"}}})

    assert values.decode(outcome.result or "") == {"raw": b"\x00\xff", "odd": {"$date": "x"}}


@pytest.mark.parametrize("body", [[], None, 3, {"outcome": {}}, {"outcome": {"reason": "?"}}, {"shared": 3}])
def test_results_that_are_none(body: Any) -> None:
    """Anything else is refused, and never raises something else."""
    with pytest.raises(UnreadableError):
        outcome_of(Status.OK, body)


def test_a_result_that_is_nested_too_deeply() -> None:
    """It is refused as any other that cannot be read."""
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}

    with pytest.raises(UnreadableError):
        outcome_of(Status.OK, {"value": deep})


@pytest.mark.parametrize("value", ["x" * 300_000, bytes(100_000), bytearray(100_000), [1, {"a": "y" * 300_000}]])
def test_files_go_along(tmp_path: Path, value: Any) -> None:
    """A value that stands in a file of the project is put into the text, and is the same there."""
    store = FileStore(tmp_path, "job", "R")
    text = values.put_aside(values.encode(value, store), store)
    assert '"$file"' in text

    assert values.decode(inlined(text, store)) == value


def test_views_and_arrays_go_along(tmp_path: Path) -> None:
    """Their form does not change."""
    numpy = pytest.importorskip("numpy", exc_type=ImportError)
    store = FileStore(tmp_path, "job", "R")
    array = numpy.arange(40_000, dtype="int32").reshape(200, 200)

    found = values.decode(inlined(values.encode({"a": array, "v": memoryview(bytes(70_000))}, store), store))

    assert numpy.array_equal(found["a"], array)
    assert bytes(found["v"]) == bytes(70_000)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_what_json_does_not_have(value: Any) -> None:
    """It is refused where it is written."""
    with pytest.raises((TypeError, ValueError)):
        write({"value": value})


@pytest.mark.parametrize("data", [b"NaN", b"[Infinity]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json(data: bytes) -> None:
    """It is refused where it is read."""
    with pytest.raises(ValueError):  # noqa: PT011  the words are those of the parser
        read(data)
