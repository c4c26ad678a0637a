"""Mask: puts `***` in place of secrets wherever they would be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

from ..attempt import Outcome
from ..eventbus.event import SerializableEvent
from ..eventbus.execution import Moved
from .disguises import disguises

HIDDEN = "***"
_NAMES = frozenset({"name", "job_name", "why"})
"""Fields by which events are told apart."""

E = TypeVar("E", bound=SerializableEvent)


class Mask:
    """Hides the secrets of a job. One without secrets is false, changes nothing and costs nothing."""

    __slots__ = ("_pattern",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in disguises(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """The text with `***` in place of each secret."""
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)

    def event(self, event: E) -> E:
        """The event with secrets hidden in all it shows but names; the same one if there are none in it."""
        if self._pattern is None:
            return event
        changes = {
            field.name: hidden
            for field in fields(event)
            if field.name not in _NAMES and (hidden := self._hidden(value := getattr(event, field.name))) is not value
        }
        return replace(event, **changes) if changes else event

    def encoded(self, text: str) -> str:
        """The same for the text of a value. It can still be read as one."""
        hidden = self.text(text)
        if hidden == text:
            return text
        try:
            json.loads(hidden)
        except ValueError:  # a number, for example
            return json.dumps(HIDDEN)
        return hidden

    def outcome(self, outcome: Outcome) -> Outcome:
        """The outcome with secrets hidden in its words; its result and shared values are for tasks, and stay."""
        if self._pattern is None:
            return outcome
        return outcome.but(
            message=self.text(outcome.message),
            traceback=self.text(outcome.traceback),
            hook_errors=tuple(map(self.text, outcome.hook_errors)),
        )

    def _hidden(self, value: Any) -> Any:
        if type(value) is str:
            hidden = self.text(value)
            return value if hidden == value else hidden
        if isinstance(value, Outcome):
            return self._shown(value)
        return [self._moved(move) for move in value] if type(value) is list else value

    def _moved(self, move: Moved) -> Moved:
        """A transition among others."""
        outcome = move[4]
        return move if outcome is None else (*move[:4], self._shown(outcome), *move[5:])

    def _shown(self, outcome: Outcome) -> Outcome:
        """As it is told to the world, where its result is for people too."""
        result, shared = outcome.result, outcome.shared
        return self.outcome(outcome).but(
            result=None if result is None else self.encoded(result),
            shared={self.encoded(key): None if text is None else self.encoded(text) for key, text in shared.items()},
        )
