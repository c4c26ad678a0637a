"""Why: the reasons for which a task ends without being started, in words."""

from __future__ import annotations

from ..attempt import Outcome, Reason

ON_REQUEST = "left out on request"
NOTHING_FAILED = "nothing failed"


def is_false(condition: str | bool | None) -> str:
    """The reason of a task whose condition is false: "when `vars.full` is false"."""
    text = str(condition).strip() if isinstance(condition, str) else ""
    if text.startswith("${{") and text.endswith("}}") and text.count("${{") == 1:
        text = text[3:-2].strip()
    return f"when `{text}` is false" if text else "`when` is false"


def left_out_by(name: str) -> str:
    """The reason of a task that another member of its group, or item of its fan, has left out."""
    return f"left out by {name!r}"


def did_not_complete(name: str) -> str:
    """The reason of a task that is held back."""
    return f"{name!r} did not complete"


def not_started(because: str) -> Outcome:
    """The outcome of a task that was not started."""
    return Outcome(Reason.NOT_STARTED, because)
