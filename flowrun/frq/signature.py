"""Signature: by which a worker knows that a task comes from somebody who has the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from .fields import Fields
from .message import TaskMessage

_SIGNED = (b"v", b"id", b"h", b"c", b"a", b"md", b"to", b"dl", b"ct")
_SHORTEST_KEY = 16


class SigningKeys:
    """The keys of a file, one a line. The first signs; every one is accepted, so that keys can be changed."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Raises ValueError without any, or for one that is too short."""
        if not keys or min(map(len, keys)) < _SHORTEST_KEY:
            raise ValueError(f"a key file has one key a line, each of at least {_SHORTEST_KEY} characters")
        self._keys = {_key_id(key): key for key in reversed(keys)}

    @classmethod
    def read(cls, path: Path) -> SigningKeys:
        """The keys of a file. Raises OSError if it cannot be read, ValueError if there is no key in it."""
        lines = (line.strip() for line in path.read_bytes().splitlines())
        return cls([line for line in lines if line and not line.startswith(b"#")])

    def sign(self, message: TaskMessage) -> TaskMessage:
        """The message with its signature."""
        key_id = next(reversed(self._keys))
        return replace(message, key_id=key_id, signature=_signature(message.fields(), self._keys[key_id]))

    def accepts(self, fields: Fields) -> bool:
        """The signature in these fields is there and right."""
        import hmac

        key = self._keys.get(fields.get(b"kid", b"").decode(errors="replace"))
        if key is None:
            return False
        return hmac.compare_digest(_signature(fields, key).encode(), fields.get(b"sig", b""))


def _signature(fields: Fields, key: bytes) -> str:
    """HMAC-SHA256 over each value behind its length in four bytes; last comes the body, or where it is."""
    import hmac

    values = [fields.get(name, b"") for name in _SIGNED]
    values.append(fields[b"br"] if b"br" in fields else fields.get(b"b", b""))
    return hmac.digest(key, b"".join(len(value).to_bytes(4, "big") + value for value in values), "sha256").hex()


def _key_id(key: bytes) -> str:
    return sha256(b"flowrun key " + key).hexdigest()[:16]
