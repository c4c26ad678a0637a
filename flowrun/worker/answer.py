"""Answer: what a client is told of an attempt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..attempt import Outcome, Reason
from ..dataclass import dataclass
from ..executors.failure import is_refusal
from ..frq.blob import BLOB_LIMIT
from ..frq.body import JSON, write
from ..frq.result_body import refused_body, result_body
from ..frq.status import ErrorCode, Status

_CODES = {
    Reason.EXITED: "exited",
    Reason.KILLED: "killed",
    Reason.OUT_OF_MEMORY: "out_of_memory",
    Reason.TIMED_OUT: "timeout",
    Reason.LOST: "lost",
    Reason.ABORTED: "cancelled",
    Reason.NOT_STARTED: "not_started",
}
_REFUSED_RESULTS = {
    "ValueError: the result of run ": ErrorCode.RESULT_TOO_LARGE,
    "TypeError: the result of run ": ErrorCode.NOT_SERIALISABLE,
}
"""What `perform` says of a result that it does not keep."""
_PICKLE = '{"$pickle":'


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and the body of a result."""

    status: Status
    body: bytes
    content_type: str = JSON
    why: str = ""
    """In words, if it did not complete."""

    @property
    def is_ok(self) -> bool:
        """The attempt completed."""
        return self.status is Status.OK


def answer_of(outcome: Outcome, metrics: Mapping[str, float], content_type: str = JSON) -> Answer:
    """What is said of an outcome: in place of a result that cannot be sent, why it cannot."""
    if is_refusal(outcome):
        return refused(Status.REJECTED, ErrorCode.BAD_PARAMS, outcome.message, content_type)
    if outcome.is_completed and (place := _pickled(outcome)):
        why = f"{place} has an object that only Python knows: return what JSON has, or a dataclass or Pydantic model"
        return refused(Status.FAILED, ErrorCode.NOT_SERIALISABLE, why, content_type)
    status, said = result_body(outcome, metrics)
    if (error := said["error"]) is not None:
        error["code"] = _code_of(outcome)
    answer = _written(status, said, content_type)
    if len(answer.body) <= BLOB_LIMIT:
        return answer
    why = f"the result takes {len(answer.body):,} bytes, more than {BLOB_LIMIT:,}: return the path of a file instead"
    return refused(Status.FAILED, ErrorCode.RESULT_TOO_LARGE, why, content_type)


def refused(status: Status, code: str, message: str, content_type: str = JSON) -> Answer:
    """What is said of an attempt that has no outcome."""
    return _written(status, refused_body(code, message), content_type)


def _written(status: Status, said: dict[str, Any], content_type: str) -> Answer:
    return Answer(status, write(said, content_type), content_type, (said["error"] or {}).get("message", ""))


def _code_of(outcome: Outcome) -> str:
    if outcome.place is None:
        for beginning, code in _REFUSED_RESULTS.items():
            if outcome.message.startswith(beginning):
                return code
    return _CODES.get(outcome.reason, ErrorCode.EXCEPTION)


def _pickled(outcome: Outcome) -> str:
    """What of an outcome cannot be sent, because no code travels."""
    if outcome.result is not None and _PICKLE in outcome.result:
        return "the result of run"
    return "shared_dict" if any(_PICKLE in text for text in outcome.shared.values() if text) else ""
