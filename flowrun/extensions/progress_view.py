"""ProgressView: a running job on a terminal, with a line for each task that has ended and a live block below."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TextIO

from ..eventbus.event import now
from ..eventbus.execution import (
    ApprovalEvent,
    AttemptBegun,
    AttemptLookedFor,
    ExecutionStateTransition,
    ExecutorNotice,
    ItemsFound,
    JobStopping,
    TaskWaiting,
)
from ..eventbus.progress import ProgressEvent
from ..plaintext import plain_line
from .board import Board
from .rows import Row, Rows

if TYPE_CHECKING:
    import asyncio

    from rich.text import Text

    from .live_block import LiveBlock

_LONGEST_NAME = 40
_SHORTEST_NAME = 8
_BESIDE_NAME = 20
"""So many columns of a narrow terminal are left for the sign and the clock."""
_NARROW_REST = 50
"""Where less room is left beside the name, long texts go on below it."""
_MOST_WAITING = 3
"""So many tasks that wait are shown; the others are only counted."""
_PROGRESS_SECONDS = 0.1
_KEYS = "keys: l last lines of running tasks · s stop, as Ctrl-C does · ? help"


class ProgressView:
    """Draws what a board tells: what has ended goes into the scrollback, the rest stands in a block below.

    Rich is imported when something is drawn for the first time, beside the job that has already begun.
    """

    def __init__(self, terminal: TextIO, board: Board, color: str = "auto") -> None:
        """`color` is `auto`, `always` or `never`."""
        self._terminal = terminal
        self._board = board
        self._rows = Rows(board)
        self._color = color
        self._block: LiveBlock | None = None
        self._width = 0
        self._has_keys = False
        self._stop: JobStopping | None = None
        self._news: list[Row] = []
        self._tick: asyncio.TimerHandle | None = None

    def note(self, e: ExecutionStateTransition) -> None:
        """Note a transition; what a batch has brought is drawn when the batch is over."""
        self._board.note(e)
        row = self._rows.of_end(e)
        if row is not None:
            self._news.append(row)
        if row is not None or e.name in self._board.running:
            self._make_room_for(e.name)
        self._draw_in(0)

    def open(self, e: ItemsFound) -> None:
        """The items of a task are known."""
        self._board.open(e)
        self._draw_in(0)

    def note_stop(self, e: JobStopping) -> None:
        """The job ends early: say so as long as something still runs."""
        self._stop = e
        self._draw_in(0)

    def note_waiting(self, e: TaskWaiting) -> None:
        """A task waits for what other jobs have."""
        self._board.hold_up(e)
        self._draw_in(0)

    def note_progress(self, e: ProgressEvent) -> None:
        """A task says how far it is; many may do so, and often."""
        self._board.advance(e)
        self._draw_by(_PROGRESS_SECONDS)

    def note_approval(self, e: ApprovalEvent) -> None:
        """A task waits for a person, or an answer has come."""
        self._board.ask(e)
        self._make_room_for(e.name)
        self._news.append(self._rows.of_approval(e))
        self._draw_in(0)

    def note_search(self, e: AttemptLookedFor) -> None:
        """It is known what became of an attempt elsewhere."""
        self._board.find(e)
        self._news += self._rows.of_search(e)
        self._draw_in(0)

    def note_begin(self, e: AttemptBegun) -> None:
        """A worker elsewhere has begun an attempt."""
        self._board.begin(e)
        self._draw_in(0)

    def note_notice(self, e: ExecutorNotice) -> None:
        """An executor has something to say."""
        self._news.append(Row("", "", plain_line(e.executor), plain_line(e.message)))
        self._draw_in(0)

    def offer_keys(self) -> None:
        """From now on, a person may press keys."""
        self._has_keys = True

    def show_keys(self) -> None:
        """Say which keys there are."""
        self._news.append(Row("", "", "", _KEYS))
        self._draw_in(0)

    def show_last_lines(self) -> None:
        """Say what the running tasks have said last."""
        self._news += self._rows.last_said()
        self._draw_in(0)

    def close(self) -> None:
        """Write what is left and take the block away."""
        if self._tick is not None:
            self._tick.cancel()
        if self._block is not None or self._news:
            self._opened().draw(self._taken_news(), [])

    def _make_room_for(self, name: str) -> None:
        self._width = max(self._width, min(_columns(plain_line(name)), _LONGEST_NAME))

    def _draw_in(self, seconds: float) -> None:
        if self._tick is not None:
            self._tick.cancel()
        import asyncio  # not at the top: this module is loaded before the starter is forked

        self._tick = asyncio.get_running_loop().call_later(seconds, self._draw)

    def _draw_by(self, seconds: float) -> None:
        """Draw in so many seconds, unless that is done sooner anyway."""
        import asyncio

        soon = asyncio.get_running_loop().time() + seconds
        if self._tick is None or self._tick.when() > soon:
            self._draw_in(seconds)

    def _draw(self) -> None:
        """Draw now, and every second while tasks run or pause, because their clocks are shown."""
        block = self._opened()
        block.draw(self._taken_news(), self._lines(block.most_lines))
        self._tick = None
        if self._board.running or self._board.pauses:
            self._draw_in(1)

    def _opened(self) -> LiveBlock:
        from .live_block import LiveBlock

        if self._block is None:
            self._block = LiveBlock(self._terminal, self._color)
        return self._block

    def _taken_news(self) -> list[Text]:
        news, self._news = self._news, []
        return [line for row in news for line in self._wrapped(row)]

    def _lines(self, most: int) -> list[Text]:
        from rich.text import Text

        last = self._counts()
        if self._stop is not None and (words := self._rows.stopping(self._stop, now())):
            last = [*self._sentence(Text(words, style="yellow")), *last]
        rule = Text(" " + "─" * min(60, self._opened().columns - 2), style="bright_black")
        return [rule, *self._tasks(max(0, most - 1 - len(last))), *last][-most:]

    def _tasks(self, room: int) -> list[Text]:
        """What waits for a person stands above all."""
        asked = [self._text(row) for row in islice(self._rows.asked(), (room + 1) // 2)]
        return [*asked, *self._others(room - len(asked))]

    def _others(self, room: int) -> list[Text]:
        from rich.text import Text

        under_way = len(self._board.running) + len(self._board.pauses)
        if under_way > room:
            rows = islice(self._rows.under_way(now()), max(0, room - 1))
            more = under_way - max(0, room - 1)
            words = "running or retrying" if self._board.pauses else "running"
            return [*map(self._text, rows), Text(f"    and {more} more {words}")][:room]
        texts = [self._text(row) for row in self._rows.under_way(now())]
        if self._stop is None:
            texts += map(self._text, islice(self._rows.waiting(), min(room - under_way, _MOST_WAITING)))
        return texts

    def _counts(self) -> list[Text]:
        from rich.text import Text

        left = self._rows.left(now()) if self._stop is None else ""
        text = Text(" · ".join(filter(None, (self._rows.counts(), left))))
        if self._has_keys and text.cell_len + len("          ? keys") < self._opened().columns:
            text.append("        ? keys", style="bright_black")
        return self._sentence(text)

    def _sentence(self, text: Text) -> list[Text]:
        from rich.text import Text

        block = self._opened()
        return [Text("  ") + line for line in block.wrapped(text, block.columns - 3, block.columns - 3)]

    def _text(self, row: Row) -> Text:
        return self._head(row) + row.rest

    def _wrapped(self, row: Row) -> list[Text]:
        """The row, continued below from the end of a word if it is too long for the terminal."""
        from rich.text import Text

        block, head, rest = self._opened(), self._head(row), Text(row.rest)
        room = block.columns - 1
        if head.cell_len + rest.cell_len <= room:
            return [head + rest]
        indent = head.cell_len if room - head.cell_len >= _NARROW_REST else min(6, room // 2)
        first, *more = block.wrapped(rest, room - head.cell_len, room - indent)
        return [head + first, *(Text(" " * indent) + line for line in more)]

    def _head(self, row: Row) -> Text:
        from rich.text import Text

        if not row.name:
            return Text.assemble("    ", (row.sign, row.style), " ") if row.sign else Text("  ")
        room = max(_SHORTEST_NAME, self._opened().columns - _BESIDE_NAME)
        name = Text(plain_line(row.name))
        name.truncate(min(self._width, room), overflow="ellipsis", pad=True)
        return Text.assemble("  ", (row.sign, row.style), " ", name, "  ")


def _columns(text: str) -> int:
    """How wide a text is on a terminal, where some characters take two columns."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
