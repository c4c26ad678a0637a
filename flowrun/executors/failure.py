"""What a user's exception becomes in an outcome: names, message, place, and a traceback without our own frames."""

from __future__ import annotations

import os
import sys
from types import TracebackType

from pydantic import ValidationError

from ..attempt import Outcome, Reason
from ..errors import PermanentError
from ..misfits import misfits

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LONGEST = 16_384
_MISFIT = "ValidationError: the parameters do not fit"


def outcome_of(error: BaseException) -> Outcome:
    """The failed outcome of an attempt in which `error` was raised."""
    reason = Reason.OUT_OF_MEMORY if isinstance(error, MemoryError) else Reason.RAISED
    status = None
    if isinstance(error, SystemExit):
        reason, status = Reason.EXITED, error.code if isinstance(error.code, int) else 1
    return Outcome(
        reason=reason,
        message=said_by(error),
        error_types=tuple(cls.__name__ for cls in type(error).__mro__[:-1]),
        place=_place(error.__traceback__),
        traceback=traceback_of(error),
        exit_status=status,
        is_final=isinstance(error, PermanentError),
    )


def refusal_of(error: ValidationError, variant: str) -> Outcome:
    """The failed outcome of an attempt whose parameters do not fit: what is wrong with each, and no frames of ours."""
    message = f"{_MISFIT} {variant}: {misfits(error)}"[:_LONGEST]
    return outcome_of(error).but(message=message, place=None, traceback=f"{message}\n")


def is_refusal(outcome: Outcome) -> bool:
    """It is one that `refusal_of` made: no hook of the task was called."""
    return outcome.place is None and outcome.message.startswith(_MISFIT)


def said_by(error: BaseException) -> str:
    """The exception in one line: `ValueError: no rows`. Never raises, whatever `str()` of the exception does."""
    try:
        text = str(error)
    except Exception as worse:  # its `__str__` is the user's code
        text = f"(its str() raised {type(worse).__name__})"
    if isinstance(error, SystemExit):
        return f"exit status {text}" if isinstance(error.code, int) else f"SystemExit: {text}"[:_LONGEST]
    return (f"{type(error).__name__}: {text}" if text else type(error).__name__)[:_LONGEST]


def traceback_of(error: BaseException) -> str:
    """The traceback as Python prints it, from the user's first frame on."""
    import traceback

    try:
        lines = traceback.format_exception(type(error), error, _from_user_code(error.__traceback__))
    except Exception:  # the same, called while it is formatted
        lines = [
            "Traceback (most recent call last):\n",
            *traceback.format_tb(error.__traceback__),
            said_by(error),
            "\n",
        ]
    text = "".join(lines)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n  [...]\n{text[-_LONGEST // 2 :]}"


def _from_user_code(tb: TracebackType | None) -> TracebackType | None:
    first = tb
    while first is not None and _is_ours(first):
        first = first.tb_next
    return first or tb


def _place(tb: TracebackType | None) -> tuple[str, int] | None:
    """The deepest frame of the project; without one, the deepest that is not flowrun's."""
    place = in_project = None
    while tb is not None:
        if not _is_ours(tb):
            place = (tb.tb_frame.f_code.co_filename, tb.tb_lineno)
            if not _is_installed(place[0]):
                in_project = place
        tb = tb.tb_next
    return in_project or place


def _is_ours(tb: TracebackType) -> bool:
    return tb.tb_frame.f_code.co_filename.startswith(_OURS)


def _is_installed(file: str) -> bool:
    return file.startswith((sys.prefix + os.sep, sys.base_prefix + os.sep, "<"))
