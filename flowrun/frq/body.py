"""Bodies of messages: values as JSON that every language reads alike.

No NaN and no infinite numbers; integers beyond 2^53 are strings; bytes are `{"$bytes": "<base64>"}`. msgpack has the
same shape with bytes as they are.
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, b2a_base64
from typing import Any, NoReturn

from ..values.compact_json import compact

JSON = "json"
MSGPACK = "msgpack"

_SAFE_INTEGER = 1 << 53
_LARGE_INTEGER = re.compile(r"[:,\[-]\d{16}")
"""How one may stand in a text without spaces; behind other signs it takes four times as long to look for."""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


_decode = json.JSONDecoder(parse_constant=_refuse).decode


def write(value: Any, content_type: str = JSON) -> bytes:
    """The bytes of a value. Raises TypeError or ValueError for what cannot be said."""
    if content_type == MSGPACK:
        packed: bytes = _msgpack().packb(value)
        return packed
    try:
        text = compact(value)
    except TypeError:
        text = compact(_sayable(value))
    else:
        if _may_have_large_integer(text):
            text = compact(_sayable(value))
    return text.encode()


def read(data: bytes, content_type: str = JSON) -> Any:
    """The value of what `write` made. Raises ValueError for anything else."""
    if content_type == MSGPACK:
        try:
            return _msgpack().unpackb(data, raw=False, strict_map_key=False)
        except Exception as error:  # its exceptions have no common base
            raise ValueError(f"the body is not msgpack: {error}") from None
    if content_type != JSON:
        raise ValueError(f"bodies of type {content_type!r} cannot be read; there are: {JSON}, {MSGPACK}")
    try:
        return _decode(str(data, "utf-8", "surrogatepass"))
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None


def is_exact(value: Any) -> bool:
    """Whether `read` gives back what was written: there are no large integers and no bytes in it."""
    try:
        return not _may_have_large_integer(compact(value)) or _sayable(value) == value
    except (TypeError, ValueError):
        return False


def to_bytes(value: Any) -> Any:
    """The bytes that `{"$bytes": ...}` stands for; any other value as it is."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(text := value.get("$bytes"), str):
        return a2b_base64(text)
    return value


def _may_have_large_integer(text: str) -> bool:
    return text[:1].isdigit() or _LARGE_INTEGER.search(text) is not None


def _sayable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sayable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_sayable(part) for part in value]
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": b2a_base64(value, newline=False).decode()}
    return value


def _msgpack() -> Any:
    try:
        import msgpack  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise ValueError("bodies in msgpack need the package msgpack: pip install msgpack") from None
    return msgpack
