"""Frames: what is sent in pieces of any size arrives whole and in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.executors.frames import FrameReader, packed, parts

HEADS = st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.booleans(), st.integers(), st.text()), max_size=3)


@given(st.lists(st.tuples(HEADS, st.binary(max_size=50)), max_size=6), st.lists(st.integers(1, 40)))
def test_frames_survive_any_cutting(frames: list[tuple[dict[str, Any], bytes]], sizes: list[int]) -> None:
    """However the bytes are cut, the reader gives each frame once it is complete."""
    data = b"".join(packed(head, payload) for head, payload in frames)
    reader, received = FrameReader(), []
    for size in [*sizes, len(data) + 1]:
        piece, data = data[:size], data[size:]
        received += list(reader.feed(piece))

    assert received == frames


def test_a_frame_that_is_not_complete_is_not_given() -> None:
    """The last byte is what makes it one."""
    data, reader = packed({"op": "x"}, b"payload"), FrameReader()

    assert list(reader.feed(data[:-1])) == []
    assert list(reader.feed(data[-1:])) == [({"op": "x"}, b"payload")]


def test_what_is_no_frame_is_refused_at_once() -> None:
    """Text has lengths that nobody waits for."""
    with pytest.raises(ValueError, match="a head of"):
        list(FrameReader().feed(b"some text"))


def test_a_large_payload_is_sent_without_a_copy() -> None:
    """It goes after the head as it is."""
    payload = b"x" * 100_000

    begin, rest = parts({"op": "x"}, payload)

    assert rest is payload
    assert list(FrameReader().feed(begin + rest)) == [({"op": "x"}, payload)]
