"""EventLines: a plain line with a time stamp for each thing that happens in a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..duration import duration
from ..eventbus.execution import (
    FOUND_IN_WORDS,
    TERMINAL,
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionState,
    ExecutionStateTransition,
    ExecutorNotice,
    ItemsFound,
    JobStopping,
    SerializableExecutionEvent,
    TaskWaiting,
)
from ..extensions.background import Background
from ..extensions.families import Families, Items
from ..extensions.tries import Tries
from .printable import harmless
from .typed_command import answering_command

_S = ExecutionState
_INIT, _PENDING = _S.INIT, _S.PENDING  # asked of every event; a name of an enumeration takes longer

_COLOURS = {
    "completed": "green",
    "failed": "red",
    **dict.fromkeys(("blocked", "aborted", "postponed", "retrying"), "yellow"),
}


class EventLines:
    """A plain line with a time stamp for each thing that happens to a task or to the job."""

    def __init__(self, paint: Callable[[str, str], str], background: Background | None = None) -> None:
        """`background` is what is known of the job; None: nothing."""
        known = background or Background()
        self._paint = paint
        self._where = known.where
        self._tries = Tries(known.max_attempts)
        self._families = Families(known.task)
        self._told: dict[str, int] = {}
        """Of tasks with many items: how many had ended when it was told last."""
        self._first_start: dict[str, float] = {}
        self._begun: set[str] = set()
        """Tasks that a worker elsewhere has begun."""
        self._at: datetime | None = None
        self._stamp = ""
        self._seconds = 0.0

    def line(self, e: SerializableExecutionEvent) -> str:
        """`2026-11-21T02:00:12Z completed extract-orders 12.4s`."""
        self._read_clock(e)
        if isinstance(e, JobStopping):
            return f"{self._stamp} {_stopping(e, self._paint)}"
        if isinstance(e, TaskWaiting):
            return f"{self._stamp} waiting {harmless(e.name, 200)} for {harmless(e.what, 200)}"
        if isinstance(e, ExecutorNotice):
            return f"{self._stamp} {harmless(e.executor, 200)}: {harmless(e.message, 300)}"
        if isinstance(e, ItemsFound):
            return self._open(e)
        if isinstance(e, ApprovalEvent):
            return f"{self._stamp} {self._asked(e)}"
        if isinstance(e, AttemptLookedFor):
            return self._looked_for(e)
        if isinstance(e, AttemptBegun):
            self._begin(e)
        if not isinstance(e, ExecutionStateTransition) or (e.from_state is _INIT and e.to_state is _PENDING):
            return ""
        items = self._families.note(e)
        if items is not None and not items.is_told(e):
            return self._progress(e, items)
        if self._families.goes_with_group(e.name):
            return ""
        return self._transition(e)

    def _transition(self, e: ExecutionStateTransition) -> str:
        verb, rest = self._say(e, self._seconds)
        if not verb:
            return ""
        colour = _COLOURS.get(verb)
        return f"{self._stamp} {self._paint(verb, colour) if colour else verb} {harmless(e.name, 200)}{rest}"

    def _asked(self, e: ApprovalEvent) -> str:
        name = harmless(e.name, 200)
        if e.answer:
            by = f" by {harmless(e.by, 100)}" if e.by else ""
            return f"{e.answer} {name}{by}{f': {harmless(e.comment, 300)}' if e.comment else ''}"
        command = answering_command("approve", e.run, e.name, self._where)
        return f"{self._paint('waiting', 'yellow')} {name} for an approval: {harmless(e.question, 300)}   {command}"

    def _looked_for(self, e: AttemptLookedFor) -> str:
        """What became of it. How long it took in all is known to the history only, unless it begins again."""
        if e.found == "begun again":
            self._first_start[e.name] = self._seconds
        else:
            self._first_start.pop(e.name, None)
        items = self._families.around(e.name)
        if items is not None and not items.are_few:
            return ""
        return f"{self._stamp} looked for {harmless(e.name, 200)}: {FOUND_IN_WORDS[e.found]} (attempt {e.attempt})"

    def _begin(self, e: AttemptBegun) -> None:
        """A worker elsewhere has begun it: until now it has waited."""
        if e.name in self._first_start and self._tries.number(e.name) == 1 and e.name not in self._begun:
            self._first_start[e.name] = self._seconds
            self._begun.add(e.name)

    def _open(self, e: ItemsFound) -> str:
        items = self._families.open(e)
        kept = f", {items.kept:,} kept" if items.kept else ""
        return f"{self._stamp} started {harmless(e.name, 200)}: {_number(items)}{kept}"

    def _progress(self, e: ExecutionStateTransition, items: Items) -> str:
        """How far a task with many items is, whenever another tenth of them has ended."""
        if e.to_state is _S.RUNNING:
            self._first_start.setdefault(e.name, self._seconds)
            return ""
        if e.to_state in TERMINAL:
            self._first_start.pop(e.name, None)
            self._begun.discard(e.name)
        if e.to_state is _S.ABORTED:
            return ""
        before = self._told.setdefault(items.name, items.kept)
        if items.ended - before < items.total / 10 or items.ended == items.total:
            return ""
        self._told[items.name] = items.ended
        return f"{self._stamp} running {harmless(items.name, 200)}: {items}"

    def _read_clock(self, e: SerializableExecutionEvent) -> None:
        if e.timestamp is not self._at:  # what happened at once has one time, and making its text is slow
            self._at = e.timestamp
            self._stamp = e.timestamp.isoformat(timespec="seconds").replace("+00:00", "Z")
            self._seconds = e.timestamp.timestamp()

    def _say(self, e: ExecutionStateTransition, at: float) -> tuple[str, str]:
        match e.to_state:
            case _S.RUNNING:
                return self._started(e, at)
            case _S.COMPLETED if e.from_state is _S.INIT:
                return "kept", " completed before"
            case _S.COMPLETED:
                return "completed", f"{self._took(e, at)}{_why(e)}"
            case _S.PENDING:
                tried = self._tries.of(e.name)
                self._tries.note(e)
                return "retrying", f" in {duration(e.pause_seconds)}: attempt {tried} failed{_why(e)}"
            case _S.FAILED:
                return "failed", f"{self._took(e, at)}{_why(e)}"
            case _S.DEFAULTED:
                return "blocked", _why(e)
            case _S.ABORTED if e.from_state is _PENDING and _why(e):  # it waits longer than the run
                return "postponed", _why(e)
            case _S.ABORTED:
                return "aborted", self._took(e, at)
        return "skipped", _why(e)

    def _started(self, e: ExecutionStateTransition, at: float) -> tuple[str, str]:
        self._first_start.setdefault(e.name, at)
        if not e.attempt:  # a group, or a task whose items are told of next
            return "", ""
        self._tries.note(e)
        if e.may_be_under_way:
            return "looking for", f": attempt {e.attempt} may still be under way"
        attempt = self._tries.attempt(e.name)
        return "started", f" {attempt}, {self._tries.waited(e.name)}" if attempt else ""

    def _took(self, e: ExecutionStateTransition, at: float) -> str:
        self._begun.discard(e.name)
        started = self._first_start.pop(e.name, None)
        if started is None:
            return ""
        attempt = self._tries.attempt(e.name)
        self._tries.forget(e.name)
        items = self._families.of(e.name)
        what = _number(items) if items and not _why(e) else "group" if self._families.is_group(e.name) else attempt
        return f" {duration(at - started)}{f', {what}' if what else ''}"


def _number(items: Items) -> str:
    return f"{items.total:,} {'item' if items.total == 1 else 'items'}"


def _stopping(e: JobStopping, paint: Callable[[str, str], str]) -> str:
    tasks = {0: "no task runs", 1: "1 task runs"}.get(e.running, f"{e.running} tasks run")
    if e.grace_seconds <= 0:
        return f"{paint('killing', 'red')} {e.running} {'task' if e.running == 1 else 'tasks'}"
    why = "" if e.why == "stopped" else f" ({e.why})"
    left = f", for at most {duration(e.grace_seconds)} more; another signal kills at once" if e.running else ""
    return f"{paint('stopping', 'yellow')}{why}: {tasks}{left}"


def _why(e: ExecutionStateTransition) -> str:
    return f": {harmless(e.outcome.message, 300)}" if e.outcome and e.outcome.message else ""
