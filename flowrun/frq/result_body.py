"""The body of a result: an outcome as every client can read it, and exact for those in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..attempt import Outcome, Reason
from ..values.compact_json import compact
from .body import is_exact
from .faults import UnreadableError
from .plain_text import plain_of, says_all, shared_from_plain, shared_to_plain, text_of, text_of_foreign
from .status import ErrorCode, Status

_STATUS = {
    Reason.RETURNED: Status.OK,
    Reason.ABORTED: Status.CANCELLED,
    Reason.TIMED_OUT: Status.TIMEOUT,
}

_REASON = {
    Status.FAILED: Reason.RAISED,
    Status.CANCELLED: Reason.ABORTED,
    Status.TIMEOUT: Reason.TIMED_OUT,
    Status.LOST: Reason.LOST,
    Status.REJECTED: Reason.NOT_STARTED,
    Status.EXPIRED: Reason.NOT_STARTED,
}


def result_body(outcome: Outcome, metrics: Mapping[str, float] | None = None) -> tuple[Status, dict[str, Any]]:
    """The status of an outcome, and the body that says the rest. Values in files must be inlined before.

    `outcome` in it is what `Outcome.body` has, as far as the other keys do not say it; in a `text` if need be.
    """
    own = outcome.body()
    result, shared = own.pop("result", None), own.pop("shared", {})
    said: dict[str, Any] = {"value": None, "error": None, "outcome": own}
    if result is not None:
        said["value"] = plain_of(result)
        if not says_all(result):
            own["result"] = result
    else:
        own["returned_nothing"] = True
    if shared:
        plain, deleted, exact = shared_to_plain(shared)
        said["shared"] = {"set": plain, "deleted": deleted}
        if exact:
            own["shared"] = exact
    if not outcome.is_completed:
        said["error"] = error_of(
            ErrorCode.EXCEPTION,
            outcome.message,
            error_type=next(iter(outcome.error_types), ""),
            trace=outcome.traceback,
            is_retryable=not outcome.is_final,
        )
    if not is_exact(own):
        said["outcome"] = {"text": compact(own)}
    if metrics:
        said["metrics"] = dict(metrics)
    return _STATUS.get(outcome.reason, Status.FAILED), said


def error_of(
    code: str, message: str, *, error_type: str = "", trace: str = "", is_retryable: bool = False
) -> dict[str, Any]:
    """The error of a result."""
    return {"code": code, "type": error_type, "message": message, "trace": trace, "retryable": is_retryable}


def refused_body(code: str, message: str) -> dict[str, Any]:
    """The body of a result that no handler gave: rejected, expired, lost."""
    return {"value": None, "error": error_of(code, message)}


def outcome_of(status: Status, body: Any) -> Outcome:
    """The outcome that a worker in any language reports. Raises UnreadableError."""
    try:
        own = body.get("outcome")
        if own is not None and "text" in own:
            own = json.loads(own["text"])
        outcome = _of_python(own, body) if isinstance(own, dict) else _measured(_of_any(status, body), body)
        changes = body.get("shared") or {}
        exact = (own or {}).get("shared") or {}
        plain, deleted = changes.get("set") or {}, changes.get("deleted") or []
        if plain or deleted or exact:
            outcome = outcome.but(shared=shared_from_plain(plain, deleted, exact))
    except (AttributeError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise UnreadableError(f"the result cannot be read: {type(error).__name__}: {error}") from None
    return outcome


def _of_python(own: dict[str, Any], body: dict[str, Any]) -> Outcome:
    is_told_here = "result" in own or own.get("returned_nothing")
    result = own.get("result") if is_told_here else text_of(body["value"])
    return Outcome.from_body({**own, "result": result, "shared": {}})


def _measured(outcome: Outcome, body: dict[str, Any]) -> Outcome:
    metrics = body.get("metrics") or {}
    cpu_ms, peak_bytes = (metrics.get(name) for name in ("cpu_ms", "max_rss"))
    if isinstance(cpu_ms, int | float) and isinstance(peak_bytes, int | float):
        return outcome.but(cpu_seconds=cpu_ms / 1000, peak_bytes=int(peak_bytes))
    return outcome


def _of_any(status: Status, body: dict[str, Any]) -> Outcome:
    if status is Status.OK:
        value = body.get("value")
        return Outcome.completed(None if value is None else text_of_foreign(value))
    error = body.get("error") or {}
    code, kind = str(error.get("code") or ""), str(error.get("type") or "")
    message = str(error.get("message") or code or status.value)
    is_final = status in (Status.REJECTED, Status.EXPIRED) or error.get("retryable") is False
    if code == ErrorCode.BAD_PARAMS:
        status, kind = Status.FAILED, "ValidationError"  # as an attempt here ends
    return Outcome(
        reason=_REASON[status],
        message=f"{kind}: {message}" if kind and not message.startswith(kind) else message,
        error_types=tuple(name for name in (kind, code, "Exception", "BaseException") if name),
        traceback=str(error.get("trace") or ""),
        is_final=is_final and status in (Status.FAILED, Status.REJECTED, Status.EXPIRED),
    )
