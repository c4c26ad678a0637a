"""ProgressView: what is known of a running job, drawn on a terminal."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TextIO

from ..duration import duration
from ..eventbus.event import now
from ..eventbus.execution import ExecutionState, ExecutionStateTransition
from ..plaintext import plain_line

if TYPE_CHECKING:
    import asyncio

    from rich.text import Text

    from .live_block import LiveBlock

_S = ExecutionState

_COUNTS = (
    ("done", (_S.COMPLETED, _S.SKIP)),
    ("failed", (_S.FAILED,)),
    ("blocked", (_S.DEFAULTED,)),
    ("stopped", (_S.ABORTED,)),
    ("running", (_S.RUNNING,)),
    ("waiting", (_S.PENDING,)),
)
_LONGEST_NAME = 40
_SHORTEST_NAME = 8
_BESIDE_NAME = 20
"""So many columns of a narrow terminal are left for the sign and the clock."""
_LONGEST_MESSAGE = 300


class Row(NamedTuple):
    """What is said of one task; its text is made when the width of the terminal is known."""

    sign: str
    style: str
    name: str
    rest: str


class ProgressView:
    """A line for each task that has ended, and below them a block with the running ones and the counts.

    Rich is imported when something is drawn for the first time, beside the job that has already begun.
    """

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._block: LiveBlock | None = None
        self._counts: Counter[ExecutionState] = Counter()
        self._width = 0
        self._began: dict[str, datetime] = {}
        self._running: dict[str, datetime] = {}
        self._news: list[Row] = []
        self._tick: asyncio.TimerHandle | None = None

    def note(self, e: ExecutionStateTransition) -> None:
        """Note a transition; what a batch has brought is drawn when the batch is over."""
        self._count(e)
        self._news += self._line_of(e)
        self._draw_in(0)

    def close(self) -> None:
        """Write what is left and take the block away."""
        if self._tick is not None:
            self._tick.cancel()
        if self._block is not None or self._news:
            self._opened().draw(self._taken_news(), [])

    def _count(self, e: ExecutionStateTransition) -> None:
        if e.from_state is not _S.INIT:
            self._counts[e.from_state] -= 1
        self._counts[e.to_state] += 1
        self._width = max(self._width, min(_columns(plain_line(e.name)), _LONGEST_NAME))
        if e.to_state is _S.RUNNING:
            self._running[e.name] = e.timestamp
            self._began.setdefault(e.name, e.timestamp)
        else:
            self._running.pop(e.name, None)

    def _line_of(self, e: ExecutionStateTransition) -> list[Row]:
        message = plain_line(e.outcome.message)[:_LONGEST_MESSAGE] if e.outcome else ""
        because = f": {message}" if message else ""
        attempt = f"   attempt {e.attempt}" if e.attempt > 1 else ""
        match e.from_state, e.to_state:
            case _S.RUNNING, _S.PENDING:
                return [Row("↻", "yellow", e.name, f"attempt {e.attempt} failed{because}; trying again")]
            case _S.RUNNING, _S.COMPLETED:
                return [Row("✓", "green", e.name, f"{self._took(e)}{attempt}")]
            case _S.RUNNING, _S.ABORTED:
                return [Row("⊘", "yellow", e.name, f"{self._took(e)}   stopped")]
            case _, _S.FAILED:
                return [Row("✗", "red", e.name, f"{self._took(e)}{attempt}   failed{because}")]
            case _, _S.DEFAULTED:
                return [Row("⊘", "yellow", e.name, f"blocked{because}")]
            case _, _S.SKIP:
                return [Row("–", "bright_black", e.name, "skipped")]
        return []

    def _took(self, e: ExecutionStateTransition) -> str:
        began = self._began.pop(e.name, e.timestamp)
        return f"{duration((e.timestamp - began).total_seconds()):>7}"

    def _text(self, row: Row) -> Text:
        from rich.text import Text

        room = max(_SHORTEST_NAME, self._opened().columns - _BESIDE_NAME)
        name = Text(plain_line(row.name))
        name.truncate(min(self._width, room), overflow="ellipsis", pad=True)
        return Text.assemble("  ", (row.sign, row.style), " ", name, f"  {row.rest}", no_wrap=True)

    def _draw_in(self, seconds: float) -> None:
        if self._tick is not None:
            self._tick.cancel()
        import asyncio  # not at the top: this module is loaded before the starter is forked

        self._tick = asyncio.get_running_loop().call_later(seconds, self._draw)

    def _draw(self) -> None:
        """Draw now, and every second while tasks run, because their clocks are shown."""
        block = self._opened()
        block.draw(self._taken_news(), self._lines(block.most_lines))
        self._tick = None
        if self._running:
            self._draw_in(1)

    def _opened(self) -> LiveBlock:
        from .live_block import LiveBlock

        if self._block is None:
            self._block = LiveBlock(self._terminal)
        return self._block

    def _taken_news(self) -> list[Text]:
        news, self._news = self._news, []
        return [self._text(row) for row in news]

    def _lines(self, most: int) -> list[Text]:
        from rich.text import Text

        rows = max(0, most - 2)
        names = list(self._running)
        shown = names if len(names) <= rows else names[: max(0, rows - 1)]
        at = now()
        clocks = {name: _clock((at - self._running[name]).total_seconds()) for name in shown}
        lines = [self._text(Row("●", "cyan", name, clock)) for name, clock in clocks.items()]
        if len(shown) < len(names) and rows:
            lines.append(Text(f"    and {len(names) - len(shown)} more running"))
        counts = [f"{n} {word}" for word, states in _COUNTS if (n := sum(self._counts[s] for s in states))]
        rule = [Text(" " + "─" * min(60, self._opened().columns - 2), style="bright_black")] if most > 1 else []
        return [*rule, *lines, Text("  " + " · ".join(counts))]


def _columns(text: str) -> int:
    """How wide a text is on a terminal, where some characters take two columns."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
