"""Rows: what is said of each task of a running job, in words that fit on one line of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from ..duration import duration
from ..eventbus.execution import TERMINAL, ExecutionState, ExecutionStateTransition, JobStopping
from ..plaintext import plain_line
from .board import Board
from .last_lines import last_lines

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

    def under_way(self, at: datetime) -> Iterator[Row]:
        """Tasks that run, then those that pause before another try."""
        board = self._board
        for name, since in board.running.items():
            items = board.families.of(name)
            so_far = str(items) if items is not None else board.tries.attempt(name)
            words = (clock((at - since).total_seconds()), so_far, plain_line(board.pool(name)))
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

    def _took(self, e: ExecutionStateTransition) -> str:
        """`3.1s   attempt 2 of 3 (ConnectionError, waited 2.0s)`."""
        tries = self._board.tries
        took = f"{duration(self._board.seconds(e)):>7}"
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
