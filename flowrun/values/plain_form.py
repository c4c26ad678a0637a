"""The plain form of a value that is kept: what JSON has, for people and for comparisons.

It is made of the text alone. No class of the project is needed for it, and nothing is unpickled.
"""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import CheckpointInvalidError
from .compact_json import looks_like_tag


def plain_form(text: str, kept: frozenset[str] = frozenset()) -> Any:
    """The value of a text that `encode` made, with names of enum members and fields of objects, and without classes.

    Bytes, arrays and pickled objects become a text that tells of them: `<array of 3,200 bytes>`; the tags `kept` stay.
    Raises CheckpointInvalidError for any other text.
    """
    try:
        return json.loads(text, object_hook=partial(_plain, kept))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise CheckpointInvalidError(f"a value cannot be read: {error}") from None


def _plain(kept: frozenset[str], found: dict[str, Any]) -> Any:
    if not looks_like_tag(found):
        return found
    [(tag, body)] = found.items()
    form = None if tag in kept else _FORMS.get(tag)
    return found if form is None else form(body)


def _block(kind: str) -> Callable[[Any], str]:
    return lambda body: _sized(kind, len(a2b_base64(body[0] if isinstance(body, list) else body)))


def _in_file(body: dict[str, Any]) -> str:
    shape = " × ".join(map(str, body.get("shape", ())))
    what = f"{body['kind']} {body.get('dtype', '')} {shape}".split()
    return _sized(" ".join(what), body["size"])


def _sized(kind: str, size: int) -> str:
    return f"<{kind} of {size:,} bytes>"


def _seconds(body: list[int]) -> float:
    days, seconds, microseconds = body
    return days * 86_400 + seconds + microseconds / 1_000_000


_FORMS: dict[str, Callable[[Any], Any]] = {
    "$text": lambda body: bytes.fromhex(body).decode("utf-8", "replace"),
    "$int": lambda body: int(body, 16),
    "$float": str,
    "$dict": lambda body: {key if isinstance(key, str) else json.dumps(key): value for key, value in body},
    "$tuple": list,
    "$set": list,
    "$frozenset": list,
    "$bytes": _block("bytes"),
    "$bytearray": _block("bytearray"),
    "$memoryview": _block("memoryview"),
    "$array": _block("array"),
    "$complex": str,
    "$datetime": lambda body: body if isinstance(body, str) else f"{body[0]}[{body[1]}]",
    "$date": str,
    "$time": lambda body: body if isinstance(body, str) else str(body[0]),
    "$timedelta": _seconds,
    "$decimal": str,
    "$path": str,
    "$uuid": str,
    "$enum": lambda body: body[1],
    "$model": lambda body: {**body[1], **(body[2].get("extra", {}) if len(body) == 3 else {})},
    "$dataclass": lambda body: body[1],
    "$namedtuple": lambda body: body[1],
    "$pickle": lambda body: _sized(f"object {body[0]}, pickled,", len(a2b_base64(body[2]))),
    "$file": _in_file,
}
