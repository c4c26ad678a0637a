"""Verdict: what a result that came through Redis means for the engine."""

from __future__ import annotations

from typing import Any

from .. import values
from ..attempt import Outcome, Reason
from ..values.file_store import FileStore
from .body import read
from .faults import UnreadableError
from .message import ResultMessage, TaskMessage
from .result_body import outcome_of
from .status import ErrorCode, Status

_TIMEOUT_NAMES = ("TimeoutError", "OSError", "Exception", "BaseException")


def outcome_of_result(
    message: TaskMessage, result: ResultMessage, data: bytes, queue: str, *, retries_lost: bool
) -> Outcome:
    """The outcome; `data` is the body of the result. A result that cannot be read is a failure."""
    try:
        body = read(data, result.content_type)
        outcome = outcome_of(result.status, body)
    except UnreadableError as error:
        return unreadable(str(error))
    except ValueError as error:
        return unreadable(f"the result cannot be read: {error}")
    if result.status is Status.TIMEOUT:
        took = f"took longer than {message.timeout_ms / 1000:g} s"
        return outcome.but(reason=Reason.TIMED_OUT, message=took, error_types=_TIMEOUT_NAMES)
    if result.status is Status.REJECTED and _code(body) == ErrorCode.NO_HANDLER:
        return outcome.but(message=f"{outcome.message} {_to_all_of(queue, result.worker)}")
    if result.status is Status.LOST:
        return lost(f"poison: {outcome.message}; it is kept (`flowrun queue dead`)", is_final=not retries_lost)
    return outcome


def is_of_nobody(result: ResultMessage, data: bytes) -> bool:
    """The attempt was not begun because its client seemed to be gone: here we are, it can be submitted again."""
    if result.status is not Status.EXPIRED:
        return False
    try:
        return _code(read(data, result.content_type)) == ErrorCode.CLIENT_GONE
    except ValueError:
        return False


def _code(body: Any) -> str:
    try:
        return str(body["error"]["code"])
    except (TypeError, LookupError):
        return ""


def _to_all_of(queue: str, worker: str) -> str:
    """What to do about a worker that was given what it does not know."""
    return (
        f"({worker} on the queue {queue!r}). Any worker of a queue may be given any of its tasks, so all must offer "
        f"the same: `flowrun workers --queue {queue}` shows what each offers"
    )


def lost(message: str, *, is_final: bool) -> Outcome:
    """Workers, or Redis, were lost with the attempt."""
    names = ("WorkerLost", "Exception", "BaseException")
    return Outcome.failed(message, Reason.LOST).but(error_types=names, is_final=is_final)


def not_started(message: str) -> Outcome:
    """The attempt was not begun, and would not be another time."""
    return Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",), is_final=True)


def kept(outcome: Outcome, store: FileStore, limit: int) -> Outcome:
    """The outcome as the engine keeps it: a long result goes into a file of this machine."""
    result = outcome.result
    if result is None:
        return outcome
    if len(result) > limit:
        return Outcome.failed(
            f"ValueError: the result of run takes {len(result):,} bytes; at most {limit:,} are kept "
            "(config.max_result_bytes): return the path of a file instead"
        ).but(error_types=("ValueError", "Exception", "BaseException"), is_final=True)
    text = values.put_aside(result, store)
    return outcome if text is result else outcome.but(result=text)


def unreadable(message: str) -> Outcome:
    """What a worker reported does not follow the protocol, or is gone."""
    return Outcome.failed(message).but(error_types=("UnreadableResult", "Exception", "BaseException"))
