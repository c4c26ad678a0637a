"""Book: what is written down of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

from ..eventbus.execution import (
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutorNotice,
    ItemsFound,
    JobStopping,
    SerializableExecutionEvent,
    TaskWaiting,
    TransitionsEvent,
)
from .places import Places
from .spool import Spool

if TYPE_CHECKING:
    from ..attempt import Outcome
    from ..loggers.logger import LogPositions
    from .progress_notes import ProgressNotes

MOST_CHARACTERS = 64 * 1024
"""Of a value more is not written."""
_TOLD = (
    "message", "is_cached", "error_types", "place", "traceback", "exit_status", "signal", "hook_errors", "is_final",
    "cpu_seconds", "peak_bytes",
)  # fmt: skip


class Book:
    """The lines of one run: what is to be said first, what happens, and what is said at the end."""

    def __init__(
        self,
        places: Places,
        name: str,
        head: Mapping[str, Any],
        *,
        define: Callable[[Places], str],
        positions: LogPositions,
        keeps_values: bool,
    ) -> None:
        """`name` is that of the file; `define` sees to it that the job definition is kept, and gives its digest;
        `positions` tells where attempts begin to log.
        """
        self.notices: list[str] = []
        self.is_begun = False
        """There was an attempt to make the file."""
        self._places = places
        self._name = name
        self._head = head
        self._define = define
        self.positions = positions
        self._keeps_values = keeps_values
        self._spool: Spool | None = None
        self._lines: list[str] = []
        self._progress: ProgressNotes | None = None

    def open(self) -> None:
        """Make the file, with the line that says whose it is."""
        self.is_begun = True
        try:
            self._spool = Spool(self._places, self._name)
        except OSError as error:
            self._give_up(error)
        else:
            self._lines.append(f'["start",{json.dumps(self._head)}]\n')
            self.write()

    def define(self) -> None:
        """Keep the job definition, unless it is kept already, and name it."""
        if self._spool is not None:
            try:
                digest = self._define(self._places)
            except OSError as error:
                self._give_up(error)
            else:
                self._lines.append(f'["definition",{quoted(digest)}]\n')
                self.write()

    def note(self, e: SerializableExecutionEvent) -> bool:
        """Keep the line of an event. True: it is the first since the last were written."""
        if self._spool is None:
            return False
        is_first = not self._lines
        at = e.timestamp.timestamp()
        if isinstance(e, TransitionsEvent):
            if moves := self._moves(e):
                self._lines.append(f'["moves",{at!r},[{moves}]]\n')
        elif isinstance(e, AttemptBegun):
            self._tell("begun", at, e.name, {"attempt": e.attempt, "worker": e.worker})
        elif isinstance(e, TaskWaiting):
            self._tell("waiting", at, e.name, {"what": e.what})
        elif isinstance(e, AttemptLookedFor):
            self._tell("search", at, e.name, {"attempt": e.attempt, "found": e.found})
        elif isinstance(e, ApprovalEvent):
            self._tell("approval", at, e.name, _approval(e))
        elif isinstance(e, ItemsFound):
            self._tell("items", at, e.name, {"items": e.items, "kept": e.kept})
        elif isinstance(e, ExecutorNotice):
            self._tell("notice", at, "", {"executor": e.executor, "message": e.message})
        elif isinstance(e, JobStopping):
            self._tell("stopping", at, "", {"why": e.why, "running": e.running, "grace_seconds": e.grace_seconds})
        else:
            self._note_progress(e)
        return is_first and bool(self._lines)

    def _note_progress(self, e: SerializableExecutionEvent) -> None:
        from ..eventbus.progress import ProgressEvent  # few jobs have it

        if isinstance(e, ProgressEvent):
            if self._progress is None:
                from .progress_notes import ProgressNotes

                self._progress = ProgressNotes(self._append)
            self._progress.note(e)

    def tell_alive(self, at: float) -> None:
        """Write that the run goes on."""
        if self._spool is not None:
            self._append(f'["alive",{at!r}]\n')

    def _append(self, line: str) -> None:
        self._lines.append(line)
        self.write()

    def settle(self) -> None:
        """Nothing happens any more: write all that was kept back."""
        if self._progress is not None:
            self._progress.close()
        self.write()

    def write(self) -> None:
        """Append what waits to the file."""
        if positions := self.positions.take():
            self._lines.append(f'["logs",{json.dumps(positions)}]\n')
        lines, self._lines = self._lines, []
        if lines and self._spool is not None:
            try:
                self._spool.append("".join(lines).encode("ascii", "backslashreplace"))
            except OSError as error:
                self._give_up(error)

    def close(self, ending: Mapping[str, Any]) -> None:
        """Write the last line, even if others could not be written, and give the file up."""
        self.write()
        if self._spool is not None:
            self._lines.append(f'["end",{json.dumps(ending)}]\n')
            self.write()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _moves(self, e: TransitionsEvent) -> str:
        texts = []
        for name, before, to, attempt, outcome, pause, is_sought in e.moves:
            move = before.value + to.value
            if move == "_P":  # every task begins like this
                continue
            told = '{"may_be_under_way":true}' if is_sought else self._told(outcome)
            if pause:
                texts.append(f'[{quoted(name)},"{move}",{attempt},{told or "null"},{pause!r}]')
            else:
                texts.append(f'[{quoted(name)},"{move}",{attempt}{"," + told if told else ""}]')
        return ",".join(texts)

    def _told(self, outcome: Outcome | None) -> str:
        """The JSON of an outcome; that of the usual one, of which there is nothing to tell, is empty."""
        if outcome is None or _is_plain(outcome):
            if outcome is None or not outcome.peak_bytes:
                return ""
            return f'{{"cpu_seconds":{outcome.cpu_seconds!r},"peak_bytes":{outcome.peak_bytes}}}'
        told = {field: value for field in _TOLD if (value := getattr(outcome, field))}
        if outcome.spawned:
            told["added"] = [[one["name"], one["definition"].get("task", "")] for one in outcome.spawned]
        if self._keeps_values:
            told |= _values(outcome)
        return json.dumps({**told, "reason": outcome.reason.value})

    def _tell(self, kind: str, at: float, name: str, detail: Mapping[str, Any]) -> None:
        self._lines.append(f"{json.dumps([kind, at, name, detail])}\n")

    def _give_up(self, error: OSError) -> None:
        """A full disk must not harm the job: from now on nothing is recorded."""
        self.notices.append(f"the history of this run is not complete: {error.strerror or error}")
        self._lines = []
        if self._spool is not None:
            self._spool.close()
            self._spool = None


def _approval(e: ApprovalEvent) -> dict[str, Any]:
    """What is told of a question, or of the answer to it."""
    if e.answer:
        return {"question": e.question, "answer": e.answer, "by": e.by, "comment": e.comment}
    return {"question": e.question, "since": e.since, "until": e.until, "otherwise": e.otherwise}


def _is_plain(outcome: Outcome) -> bool:
    """It completed, and there is nothing more to tell."""
    return outcome.is_completed and not (
        outcome.result is not None or outcome.message or outcome.shared or outcome.spawned or outcome.hook_errors
    )


def _values(outcome: Outcome) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if (text := outcome.result) is not None:
        values["result"] = text[:MOST_CHARACTERS]
        if len(text) > MOST_CHARACTERS:
            values["result_size"] = len(text)
    if outcome.shared:
        values["shared"] = {
            key: text if text is None else text[:MOST_CHARACTERS] for key, text in outcome.shared.items()
        }
    return values
