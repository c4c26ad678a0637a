"""Frames: messages of a small head and any payload, between the runner and the process of one attempt.

Form: length of the head and of the payload (4 bytes each, big-endian), the head as JSON, the payload as it is.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from typing import Any

_LENGTHS = struct.Struct(">II")
_LONGEST_HEAD = 1 << 26
"""What announces more is no frame."""
_LARGE = 1 << 16
"""To copy so many bytes takes longer than to send them apart."""

_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # what `raw_decode` calls

Head = dict[str, Any]


def packed(head: Head, payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    return b"".join(parts(head, payload))


def parts(head: Head, payload: bytes = b"") -> tuple[bytes, ...]:
    """One frame as what is to be sent in turn: a large payload as it is, without a copy of it."""
    text = json.dumps(head).encode()
    begin = _LENGTHS.pack(len(text), len(payload)) + text
    return (begin, payload) if len(payload) > _LARGE else (begin + payload,)


class FrameReader:
    """Collects bytes as they come and gives the frames that are whole."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Head, bytes]]:
        """Every frame that is complete with these bytes. Raises ValueError for what is no frame."""
        self._data += data
        while len(self._data) >= _LENGTHS.size:
            head_size, payload_size = _LENGTHS.unpack_from(self._data)
            if head_size > _LONGEST_HEAD:
                raise ValueError(f"a head of {head_size} bytes")
            begin = _LENGTHS.size + head_size
            end = begin + payload_size
            if len(self._data) < end:
                return
            head = json.loads(self._data[_LENGTHS.size : begin])
            with memoryview(self._data) as view:
                payload = bytes(view[begin:end])
            del self._data[:end]
            yield head, payload


def write_frame(descriptor: int, head: Head, payload: bytes = b"") -> None:
    """Write a frame to a blocking descriptor."""
    for part in parts(head, payload):
        write_all(descriptor, part)


def write_all(descriptor: int, data: bytes) -> None:
    """Write a frame that is packed to a blocking descriptor."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read_frame(descriptor: int) -> tuple[Head, bytes | bytearray]:
    """Read one frame from a blocking descriptor. Raises EOFError if the other side is gone."""
    head_size, payload_size = _LENGTHS.unpack(_read_exactly(descriptor, _LENGTHS.size))
    head, _ = _scan(_read_exactly(descriptor, head_size).decode(), 0)  # `json.loads` goes a longer way to it
    return head, _read_exactly(descriptor, payload_size) if payload_size else b""


def _read_exactly(descriptor: int, size: int) -> bytes | bytearray:
    if size <= _LARGE:
        first = os.read(descriptor, size)
        if len(first) == size:
            return first
    else:
        first = b""
    whole = bytearray(size)
    whole[: len(first)] = first
    with memoryview(whole) as view:
        filled = len(first)
        while filled < size:
            count = os.readv(descriptor, (view[filled:],))
            if count == 0:
                raise EOFError("the runner is gone")
            filled += count
    return whole
