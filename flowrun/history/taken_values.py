"""What an attempt has returned and shared, as rows of the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..errors import CheckpointInvalidError
from ..values.plain_form import plain_form
from .book import MOST_CHARACTERS
from .move import Move


def value_rows(run: int, move: Move) -> Iterator[tuple[Any, ...]]:
    """The rows of `run_values` that follow from the end of an attempt."""
    outcome = move.outcome or {}
    who = move.task, move.attempt, move.at
    if (text := outcome.get("result")) is not None and move.to == "C":
        yield (run, "result", move.task, *who, *_shown(text, outcome.get("result_size")))
    for key, text in outcome.get("shared", {}).items():
        yield (run, "shared", _key_text(key), *who, *_shown(text, None))


def _shown(text: str | None, size: int | None) -> tuple[str, int, bool, bool]:
    """The text that is kept, the size of the whole, whether it is cut, and whether it was deleted.

    `size` is that of the whole text, if the run has cut it.
    """
    plain = "null" if text is None else text if size is not None else _plain_text(text)
    whole = len(plain) if size is None else size
    shown = plain[:MOST_CHARACTERS]
    return shown, whole, whole > len(shown), text is None


def _plain_text(text: str) -> str:
    """A value in the form that people read, as JSON; a text that is none, as it is."""
    try:
        plain = plain_form(text)
    except CheckpointInvalidError:
        return text
    return json.dumps(plain, ensure_ascii=False)


def _key_text(text: str) -> str:
    """The key of a shared value: a text as it is, anything else as JSON."""
    plain = _plain_text(text)
    with suppress(ValueError):
        found = json.loads(plain)
        return found if isinstance(found, str) else plain
    return plain
