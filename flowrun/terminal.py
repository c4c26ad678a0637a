"""What a stream can show, and how those who write to one terminal get along."""

from __future__ import annotations

import os
from typing import TextIO

ERASE_BELOW = "\r\x1b[J"
"""While a job runs, the cursor rests at the start of a live block, if there is one.

Whoever else writes whole lines to the terminal writes this first; the block is drawn again below them.
"""


def is_terminal(stream: TextIO | None) -> bool:
    """A person sees what is written, on a terminal on which the cursor can be moved."""
    try:
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # it is closed
        return False


def shows_colours(stream: TextIO | None) -> bool:
    """Colours can be seen and are wanted."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")
