"""Fields: the fields of a stream entry, and how they are read. Unknown ones are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from .faults import UnknownVersionError, UnreadableError

MAJOR = "1"

Fields = dict[bytes, bytes]

_MAJOR = MAJOR.encode()
_MOST_DIGITS = 16
_ID = re.compile(r"[A-Za-z0-9._/:-]{1,200}")
_CLIENT = re.compile(r"[A-Za-z0-9._:-]{1,100}")


def written(*pairs: tuple[str, str | int | bytes]) -> Fields:
    """The fields of these values."""
    return {name.encode(): value if isinstance(value, bytes) else str(value).encode() for name, value in pairs}


def flat(fields: Fields) -> list[bytes]:
    """Names and values in turn, as commands take them."""
    return [part for pair in fields.items() for part in pair]


def paired(reply: Iterable[Any]) -> Fields:
    """The fields of names and values in turn, as answers have them."""
    each = iter(reply)
    return dict(zip(each, each, strict=False))


class FieldReader:
    """Reads the fields of one message. Raises UnreadableError with the name of the field that is at fault."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[bytes, bytes]) -> None:
        """Raises UnknownVersionError for a message of another major version."""
        self._fields = fields
        version = fields.get(b"v", _MAJOR)
        if version != _MAJOR:
            shown = version.decode(errors="replace")[:20]
            message = f"version {shown!r} of the protocol is not spoken here, only {MAJOR!r}"
            raise UnknownVersionError(message, *self._names())

    @property
    def id(self) -> str:
        """The id of the attempt."""
        return _matching(_ID, self._fields.get(b"id", b"")) or self._refuse("id", "is no id of an attempt")

    @property
    def client(self) -> str:
        """The client that asked."""
        return _matching(_CLIENT, self._fields.get(b"c", b"")) or self._refuse("c", "is no name of a client")

    def has(self, name: str) -> bool:
        """The field is there."""
        return name.encode() in self._fields

    def text(self, name: str, default: str | None = None) -> str:
        """A field that is text."""
        value = self._fields.get(name.encode())
        if value is None:
            return self._refuse(name, "is missing") if default is None else default
        try:
            return value.decode()
        except UnicodeDecodeError:
            return self._refuse(name, "is not UTF-8")

    def number(self, name: str, default: int | None = None) -> int:
        """A field that is a whole number, not below zero."""
        value = self._fields.get(name.encode())
        if value is None:
            return self._refuse(name, "is missing") if default is None else default
        return int(value) if value.isdigit() and len(value) <= _MOST_DIGITS else self._refuse(name, "is no number")

    def data(self, name: str) -> bytes:
        """A field that is bytes."""
        value = self._fields.get(name.encode())
        return self._refuse(name, "is missing") if value is None else value

    def refuse(self, name: str, why: str) -> UnreadableError:
        """The error that a field is at fault for."""
        return UnreadableError(f"the field {name!r} of the message {why}", *self._names())

    def _names(self) -> tuple[str, str]:
        """Whom it is about and who asked, as far as that can be read."""
        return _matching(_ID, self._fields.get(b"id", b"")), _matching(_CLIENT, self._fields.get(b"c", b""))

    def _refuse(self, name: str, why: str) -> NoReturn:
        raise self.refuse(name, why)


def _matching(pattern: re.Pattern[str], value: bytes) -> str:
    text = value.decode(errors="replace")
    return text if pattern.fullmatch(text) else ""
