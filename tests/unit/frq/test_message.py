"""Messages that do not follow the protocol."""

from __future__ import annotations

import pytest

from flowrun.frq.faults import UnreadableError
from flowrun.frq.message import message_of


@pytest.mark.parametrize(
    "lines", [b"[[1e999, 'INFO', 'x']]", b'[[1e999, "INFO", "x"]]', b"[1]", b"3", b'[[0, "INFO"]]', b"[" * 100_000]
)
def test_lines_that_are_none(lines: bytes) -> None:
    """Whatever a worker sends, it is refused, and nothing else is raised: the reader goes on."""
    with pytest.raises(UnreadableError):
        message_of({b"k": b"log", b"id": b"R/t/1", b"b": lines})
