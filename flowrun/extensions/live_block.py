"""LiveBlock: a few lines at the bottom of a terminal, and lines that go into the scrollback above them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from ..terminal import ERASE_BELOW

_MOST_LINES = 8
_WITHOUT_SIGNS = str.maketrans("✓✗–⊘●○↻⏸·─…▕▏█▎▍▌▋▊▉", "+x-!*o~=,-.[]#------")
"""For terminals that show only the letters of their own language."""


class LiveBlock:
    """Draws on one terminal, each time in one write. The cursor rests at the start of the block."""

    def __init__(self, stream: TextIO, color: str = "auto") -> None:
        """`color` is `auto`, `always` or `never`."""
        self._stream = stream
        is_plain = {"always": False, "never": True}.get(color)
        self._console = Console(
            file=stream, force_terminal=True, no_color=is_plain, highlight=False, markup=False, emoji=False
        )
        self._has_signs = (stream.encoding or "utf-8").lower().startswith("utf")
        self._is_closed = False

    @property
    def most_lines(self) -> int:
        """So many lines the block may have on a terminal of this height."""
        return max(1, min(_MOST_LINES, self._size[1] - 2))

    @property
    def columns(self) -> int:
        """The width of the terminal."""
        return self._size[0]

    @property
    def _size(self) -> tuple[int, int]:
        """Columns and lines of this terminal; Rich knows only that of the process, and only as it was at first."""
        try:
            columns, lines = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            columns = lines = 0
        usual = self._console.size  # some terminals do not know their size
        return columns or usual.width, lines or usual.height

    def wrapped(self, text: Text, first: int, more: int) -> list[Text]:
        """The text in lines that end with a word: the first has so many columns, the others have `more`."""
        line = text.wrap(self._console, max(1, first), overflow="fold")[0]
        rest = text[len(line) :]
        rest.plain = rest.plain.lstrip()
        line.rstrip()
        return [line, *rest.wrap(self._console, max(1, more), overflow="fold")] if rest else [line]

    def draw(self, above: Sequence[Text], block: Sequence[Text]) -> None:
        """Write lines above the block, and the block again below them. A terminal that is gone is no error."""
        width = self.columns - 1
        with self._console.capture() as captured:
            for line in above:
                self._console.print(line, soft_wrap=True)
            for line in block:
                line.truncate(max(1, width), overflow="ellipsis")
                self._console.print(line, soft_wrap=True)
        text = captured.get()
        if block:
            text = text[:-1] + "\r" + (f"\x1b[{len(block) - 1}A" if len(block) > 1 else "")
        self._write(ERASE_BELOW + text)

    def _write(self, text: str) -> None:
        if self._is_closed:
            return
        shown = text if self._has_signs else text.translate(_WITHOUT_SIGNS)
        data = shown.encode(self._stream.encoding or "utf-8", "replace")
        try:
            while data:
                data = data[os.write(self._stream.fileno(), data) :]
        except (OSError, ValueError):
            self._is_closed = True
