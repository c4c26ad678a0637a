"""Status: how a delivery ended, in the words of the wire."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The field `st` of a result."""

    OK = "ok"
    FAILED = "failed"
    """The handler raised, or its result cannot be sent."""
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    LOST = "lost"
    """Workers were lost with it as often as `md` allows."""
    REJECTED = "rejected"
    """Never run: nobody may or can."""
    EXPIRED = "expired"
    """Not begun in time, or for a client that is gone."""


class ErrorCode(StrEnum):
    """The `code` of an error. Readers take unknown ones as they come."""

    EXCEPTION = "exception"
    RESULT_TOO_LARGE = "result_too_large"
    NOT_SERIALISABLE = "not_serialisable"
    NO_HANDLER = "no_handler"
    BAD_PARAMS = "bad_params"
    UNSUPPORTED_VERSION = "unsupported_version"
    BAD_SIGNATURE = "bad_signature"
    MAX_DELIVERIES = "max_deliveries"
    DEADLINE = "deadline"
    CLIENT_GONE = "client_gone"
    UNREADABLE = "unreadable"
