"""The bar that shows how far something is, and the words where nobody knows how much there is in all."""

from __future__ import annotations

from ..eventbus.progress import Progress
from ..plaintext import plain_line

_COLUMNS = 11
_PARTS = ("", "", "▎", "▍", "▌", "▋", "▊", "▉")
"""Eighths of a column. A single one looks like the end of the bar."""
_ROUNDED = 1e-9
"""29 of 100 are 29 %, whatever a computer makes of 0.29."""
_LONGEST_MESSAGE = 60


def bar(share: float) -> str:
    """`▕███████▊   ▏ 71%`; all of it is shown only when everything is done."""
    eighths = int(share * _COLUMNS * 8 + _ROUNDED)
    filled = "█" * (eighths // 8) + _PARTS[eighths % 8]
    return f"▕{filled:<{_COLUMNS}}▏ {_percent(share):>2}%"


def how_far(progress: Progress) -> str:
    """The bar, or `1,204 rows` where the total is not known."""
    if progress.share is not None:
        return bar(progress.share)
    return " ".join(filter(None, (number(progress.done), message_of(progress))))


def in_words(progress: Progress) -> str:
    """`30 % (3 of 10 files)`, `1,204 rows`."""
    share, total = progress.share, progress.total
    if share is None or total is None:
        return how_far(progress)
    counted = f"{number(progress.done)} of {number(total)}"
    return f"{_percent(share)} % ({' '.join(filter(None, (counted, message_of(progress))))})"


def message_of(progress: Progress) -> str:
    """What it is said to be about, on one short line."""
    line = plain_line(progress.message)
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[: _LONGEST_MESSAGE - 1]}…"


def number(value: float) -> str:
    """`1,204`, `0.5`."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def _percent(share: float) -> int:
    return int(share * 100 + _ROUNDED)
