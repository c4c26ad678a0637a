"""Printed: what starts and ends, what tasks say and what they return, for `run(output=True)`."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from typing import Any, ClassVar, Literal, TextIO

from pydantic import PrivateAttr

from .. import values
from ..attempt import Outcome
from ..eventbus.execution import ExecutionState, ExecutionStateTransition, SerializableExecutionEvent
from ..eventbus.log import LogLinesEvent, SerializableLogEvent
from ..extensions.extension import Extension
from ..loggers.logger import Logger
from ..plaintext import plain, plain_line
from ..terminal import shows_colours

Form = Literal["yaml", "json"]

_WORDS = {
    ExecutionState.RUNNING: ("STARTING", 33),
    ExecutionState.COMPLETED: ("SUCCESS", 32),
    ExecutionState.FAILED: ("FAILED", 31),
    ExecutionState.ABORTED: ("STOPPED", 31),
    ExecutionState.DEFAULTED: ("NOT STARTED", 31),
    ExecutionState.SKIP: ("LEFT OUT", 33),
}


class Printed(Extension):
    """Writes to standard output, in colours if that is a terminal and NO_COLOR is not set."""

    form: Form = "yaml"
    silent: Collection[str] = ()
    """Tasks whose results are not shown."""

    _stream: TextIO = PrivateAttr(default_factory=lambda: sys.stdout)
    _is_coloured: bool = PrivateAttr(default=False)

    async def on_create(self) -> None:
        self._is_coloured = shows_colours(self._stream)

    async def update(self, e: SerializableExecutionEvent) -> None:
        if not isinstance(e, ExecutionStateTransition) or e.to_state not in _WORDS:
            return
        word, colour = _WORDS[e.to_state]
        word = f"\x1b[1;{colour}m{word}\x1b[0m" if self._is_coloured else word
        lines = [f"{word} {plain_line(e.name)}"]
        if e.outcome is not None:
            lines += self._about(e.name, e.outcome)
        self._stream.write("\n".join(lines) + "\n")
        self._stream.flush()

    def _about(self, task: str, outcome: Outcome) -> list[str]:
        if not outcome.is_completed:
            return [plain_line(outcome.message)] if outcome.message else []
        value = outcome.live if outcome.live is not None else _decoded(outcome.result)
        if value is None or task.partition("[")[0] in self.silent:
            return []
        return [plain(_text(value, self.form))]


class PrintedLines(Logger):
    """Writes what tasks print to standard output, in whole lines, so that the two never mix."""

    takes_lines: ClassVar[bool] = True

    _stream: TextIO = PrivateAttr(default_factory=lambda: sys.stdout)

    async def update(self, evt: SerializableLogEvent) -> None:
        if isinstance(evt, LogLinesEvent):
            self._stream.write(f"{plain(evt.lines)}\n")
            self._stream.flush()


def _decoded(text: str | None) -> Any:
    return None if text is None else values.decode(text)


def _text(value: Any, form: Form) -> str:
    """The value as YAML or JSON; what neither can hold as its fields, or as Python writes it."""
    plain_value = json.loads(json.dumps(value, default=_fields))
    if form == "json":
        return json.dumps(plain_value, indent=2, ensure_ascii=False)
    import yaml

    return str(yaml.safe_dump(plain_value, sort_keys=False, allow_unicode=True)).removesuffix("...\n").rstrip("\n")


def _fields(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    return list(value) if isinstance(value, set | frozenset) else str(value)
