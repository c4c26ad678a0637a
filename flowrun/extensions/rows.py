"""Rows: what is said of each task of a running job, in words that fit on one line of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from ..duration import duration
from ..eventbus.execution import (
    FOUND_IN_WORDS,
    TERMINAL,
    ApprovalEvent,
    AttemptLookedFor,
    ExecutionState,
    ExecutionStateTransition,
    JobStopping,
)
from ..plaintext import as_argument, plain_line
from ..usual.words import is_worth_saying, left
from .bar import bar, how_far, message_of
from .board import Board
from .last_lines import last_lines
from .outlook import Outlook

_S = ExecutionState

_LONGEST_MESSAGE = 300
_MOST_TASKS = 6
"""Of so many tasks the last lines are shown."""


class Row(NamedTuple):
    """A sign with its style, the name of a task, and what is said of it."""

    sign: str
    style: str
    name: str
    rest: str


class Rows:
    """Puts into words what a board tells. Nothing in them is obeyed by a terminal."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._outlook = Outlook(board)

    def of_end(self, e: ExecutionStateTransition) -> Row | None:
        """A task that has ended; None for every other transition. Asked once, after the board was told."""
        families = self._board.families
        items = families.around(e.name)
        if (items is not None and not items.is_told(e)) or families.goes_with_group(e.name):
            if e.to_state in TERMINAL:
                self._took(e)  # and forget it
            return None
        message = _message(e.outcome.message) if e.outcome else ""
        because = f": {message}" if message else ""
        match e.from_state, e.to_state:
            case _S.RUNNING, _S.COMPLETED:
                words = (self._took(e), self._number(e.name), message)
                return Row("✓", "green", e.name, "   ".join(filter(None, words)))
            case _S.RUNNING, _S.ABORTED:
                return Row("⊘", "yellow", e.name, f"{self._took(e)}   stopped")
            case _, _S.FAILED:
                return Row("✗", "red", e.name, f"{self._took(e)}   failed{because}")
            case _, _S.DEFAULTED:
                return Row("⊘", "yellow", e.name, f"blocked{because}")
            case _, _S.SKIP:
                return Row("–", "bright_black", e.name, f"skipped{because}")
        return None

    def of_search(self, e: AttemptLookedFor) -> list[Row]:
        """What became of an attempt that was looked for. Of many items it is not told."""
        items = self._board.families.around(e.name)
        is_told = items is None or items.are_few
        return [Row("?", "cyan", e.name, f"{FOUND_IN_WORDS[e.found]} (attempt {e.attempt})")] if is_told else []

    def under_way(self, at: datetime) -> Iterator[Row]:
        """Tasks that run, then those that pause before another try."""
        board = self._board
        for name, since in board.running.items():
            items = board.families.of(name)
            so_far = str(items) if items is not None else self._so_far(name)
            words = (
                clock((at - since).total_seconds()),
                self._how_far(name),
                so_far,
                self._usual(name),
                plain_line(board.pool(name)),
                self._about(name),
            )
            yield Row("●", "cyan", name, "   ".join(filter(None, words)))
        for name, pause in board.pauses.items():
            seconds = (pause.until - at).total_seconds()
            when = f"in {seconds:.0f} s" if seconds >= 0.5 else "now"
            yield Row(
                "↻",
                "yellow",
                name,
                f"retry {board.tries.of(name).replace(' of ', '/')} {when}   {_message(pause.message)}",
            )

    def of_approval(self, e: ApprovalEvent) -> Row:
        """That a task waits for a person, with the command that answers, or what was answered."""
        if e.answer:
            by = f" by {plain_line(e.by)}" if e.by else ""
            return Row("⏸", "yellow", e.name, f"{e.answer}{by}{f': {_message(e.comment)}' if e.comment else ''}")
        command = f"flowrun approve{self._board.background.where} {e.run} {as_argument(e.name)}"
        return Row("⏸", "yellow", e.name, f"waits for approval: {_message(e.question)}   {command}")

    def asked(self) -> Iterator[Row]:
        """Tasks that wait for a person."""
        for name, question in self._board.asked.items():
            yield Row("⏸", "yellow", name, f"waits for approval: {_message(question)}")

    def waiting(self) -> Iterator[Row]:
        """Tasks whose turn is near."""
        for name, what in self._board.next_in_line():
            yield Row("○", "bright_black", name, f"waits for {plain_line(what)}")

    def last_said(self) -> Iterator[Row]:
        """Running tasks, each with the last lines of its log."""
        for name in islice(self._speaking(), _MOST_TASKS):
            lines = last_lines(self._board.background.log_of(name))
            yield Row("●", "cyan", name, "" if lines else "has said nothing yet")
            for line in lines:
                yield Row("|", "bright_black", "", plain_line(line))

    def _speaking(self) -> Iterator[str]:
        """Tasks that run, and the items of those that have some."""
        for name in list(self._board.running):
            items = self._board.families.of(name)
            yield from (name,) if items is None else list(items.running)

    def counts(self) -> str:
        """`4 done · 2 running · 3 waiting`."""
        board, counts = self._board, self._board.totals()
        numbers = (
            (counts[_S.COMPLETED] + counts[_S.SKIP], "done"),
            (counts[_S.FAILED], "failed"),
            (counts[_S.DEFAULTED], "blocked"),
            (counts[_S.ABORTED], "stopped"),
            (counts[_S.RUNNING], "running"),
            (len(board.pauses), "retrying"),
            (counts[_S.PENDING] - len(board.pauses), "waiting"),
        )
        return " · ".join(f"{number} {word}" for number, word in numbers if number)

    def left(self, at: datetime) -> str:
        """`about 35 s left`; empty if that cannot be said."""
        return left(self._outlook.remaining_seconds(at)) if self._board.running else ""

    def stopping(self, stop: JobStopping, at: datetime) -> str:
        """That a stop was heard, and what can be done about it; empty if nothing runs any more."""
        running = self._board.attempts
        if not running:
            return ""
        tasks = "1 task" if running == 1 else f"{running} tasks"
        seconds = stop.grace_seconds - (at - stop.timestamp).total_seconds()
        if seconds <= 0:
            return f"killing {tasks}"
        return f"stopping: {tasks}, {seconds:.0f} s left; press Ctrl-C again to kill at once"

    def _number(self, name: str) -> str:
        """`100 items`, `group`; empty for a task that is just one."""
        items = self._board.families.of(name)
        return f"{items.total:,} items" if items is not None else "group" if self._board.families.is_group(name) else ""

    def _how_far(self, name: str) -> str:
        """The bar of a task that says how far it is, or has items; empty for all others."""
        items = self._board.families.of(name)
        if items is not None:
            return bar(items.ended / items.total) if items.total else ""
        progress = self._board.progress.get(name)
        return "" if progress is None else how_far(progress)

    def _about(self, name: str) -> str:
        """What the progress of a task is about, if it is not said already."""
        progress = self._board.progress.get(name)
        return message_of(progress) if progress is not None and progress.total is not None else ""

    def _usual(self, name: str) -> str:
        """`usual 0:58`; empty for a task that is short, or was never performed."""
        seconds = self._outlook.usual.of(name)
        return f"usual {clock(seconds + 0.5)}" if seconds is not None and is_worth_saying(seconds) else ""

    def _so_far(self, name: str) -> str:
        """What became of an attempt that was looked for; that none has begun; which attempt it is, if not the first."""
        waits = "waits for a worker" if self._board.waits_for_worker(name) else ""
        return self._search(name) or "   ".join(filter(None, (self._board.tries.attempt(name), waits)))

    def _search(self, name: str) -> str:
        """What is known of an attempt that was looked for; empty for all others."""
        found = self._board.searches.get(name)
        return "" if found is None else FOUND_IN_WORDS.get(found, "looked for: it may still be under way")

    def _took(self, e: ExecutionStateTransition) -> str:
        """`3.1s   attempt 2 of 3 (ConnectionError, waited 2.0s)`."""
        tries = self._board.tries
        search = self._search(e.name)
        seconds = self._board.seconds(e)
        took = search or f"{duration(seconds):>7}"
        if attempt := tries.attempt(e.name):
            took += f"   {attempt} ({plain_line(tries.error(e.name))}, {tries.waited(e.name)})"
        tries.forget(e.name)
        return took


def clock(seconds: float) -> str:
    """`0:41`, `2:05:09`."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _message(text: str) -> str:
    line = plain_line(text[: _LONGEST_MESSAGE + 1])
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[: _LONGEST_MESSAGE - 1]}…"
