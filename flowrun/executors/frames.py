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

Head = dict[str, Any]


def packed(head: Head, payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    text = json.dumps(head).encode()
    return b"".join((_LENGTHS.pack(len(text), len(payload)), text, payload))


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
            payload = bytes(self._data[begin:end])
            del self._data[:end]
            yield head, payload


def write_frame(descriptor: int, head: Head, payload: bytes = b"") -> None:
    """Write a frame to a blocking descriptor."""
    rest = memoryview(packed(head, payload))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read_frame(descriptor: int) -> tuple[Head, bytes]:
    """Read one frame from a blocking descriptor. Raises EOFError if the other side is gone."""
    head_size, payload_size = _LENGTHS.unpack(_read_exactly(descriptor, _LENGTHS.size))
    head = json.loads(_read_exactly(descriptor, head_size))
    return head, _read_exactly(descriptor, payload_size) if payload_size else b""


def _read_exactly(descriptor: int, size: int) -> bytes:
    first = os.read(descriptor, size)
    if len(first) == size:
        return first
    parts = [first]
    size -= len(first)
    while size and parts[-1]:
        parts.append(os.read(descriptor, min(size, 1 << 20)))
        size -= len(parts[-1])
    if size:
        raise EOFError("the runner is gone")
    return b"".join(parts)
