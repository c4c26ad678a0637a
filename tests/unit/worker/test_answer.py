"""Answer: what a client is told of an attempt, and what it is told where a result cannot be sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.frq.blob import BLOB_LIMIT
from flowrun.frq.status import Status
from flowrun.worker.answer import answer_of, refused


def told(outcome: Outcome) -> tuple[Status, dict[str, Any]]:
    """Status and body."""
    answer = answer_of(outcome, {"wall_ms": 1.5})
    return answer.status, json.loads(answer.body)


def test_a_result_is_a_plain_value() -> None:
    """What is JSON stands as it is, beside the metrics."""
    status, body = told(Outcome.completed('{"rows":10}'))

    assert (status, body["value"], body["error"]) == (Status.OK, {"rows": 10}, None)
    assert body["metrics"] == {"wall_ms": 1.5}


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (Reason.RAISED, Status.FAILED, "exception"),
        (Reason.EXITED, Status.FAILED, "exited"),
        (Reason.KILLED, Status.FAILED, "killed"),
        (Reason.OUT_OF_MEMORY, Status.FAILED, "out_of_memory"),
        (Reason.LOST, Status.FAILED, "lost"),
        (Reason.NOT_STARTED, Status.FAILED, "not_started"),
        (Reason.TIMED_OUT, Status.TIMEOUT, "timeout"),
        (Reason.ABORTED, Status.CANCELLED, "cancelled"),
    ],
)
def test_every_end_has_a_status_and_a_code(reason: Reason, status: Status, code: str) -> None:
    """How an attempt ended can be told apart in any language."""
    said, body = told(Outcome.failed("why", reason))

    assert (said, body["error"]["code"], body["error"]["message"]) == (status, code, "why")
    assert body["error"]["retryable"] is True


def test_parameters_that_do_not_fit_are_a_rejection() -> None:
    """Nothing of the task has run: another attempt would not help."""
    status, body = told(Outcome.failed("ValidationError: the parameters do not fit Load: `day`: missing"))

    assert (status, body["error"]["code"], body["error"]["retryable"]) == (Status.REJECTED, "bad_params", False)


def test_a_validation_error_of_the_task_itself_is_a_failure() -> None:
    """What the task raises is its own, whatever it says."""
    raised = Outcome.failed("ValidationError: the parameters do not fit Load: `day`: missing")

    assert told(raised.but(place=("tasks/a.py", 3)))[0] is Status.FAILED


@pytest.mark.parametrize("outcome", [
    Outcome.completed('{"$pickle":["m.C","a","b"]}'),
    Outcome.completed("1").but(shared={'"key"': '[{"$pickle":["m.C","a","b"]}]'}),
    Outcome.failed("TypeError: the result of run cannot be kept: a socket"),
])  # fmt: skip
def test_what_only_python_knows_is_not_sent(outcome: Outcome) -> None:
    """No pickle travels, neither in a result nor in a shared value."""
    status, body = told(outcome)

    assert (status, body["error"]["code"]) == (Status.FAILED, "not_serialisable")


def test_a_text_that_looks_like_a_pickle_is_a_text() -> None:
    """Only the mark itself counts."""
    assert told(Outcome.completed(json.dumps('{"$pickle":[]}')))[0] is Status.OK


@pytest.mark.parametrize("outcome", [
    Outcome.completed(json.dumps("x" * BLOB_LIMIT)),
    Outcome.failed("ValueError: the result of run takes 200,000,000 bytes"),
])  # fmt: skip
def test_a_result_that_is_too_large_is_not_sent(outcome: Outcome) -> None:
    """The size is named, and what to do instead."""
    answer = answer_of(outcome, {})

    assert answer.status is Status.FAILED
    assert json.loads(answer.body)["error"]["code"] == "result_too_large"
    assert "bytes" in answer.why


def test_a_refusal_has_its_words() -> None:
    """What was never begun has no outcome."""
    answer = refused(Status.EXPIRED, "deadline", "too late")

    assert (answer.is_ok, answer.why) == (False, "too late")
    assert json.loads(answer.body)["error"] == {
        "code": "deadline",
        "type": "",
        "message": "too late",
        "trace": "",
        "retryable": False,
    }
