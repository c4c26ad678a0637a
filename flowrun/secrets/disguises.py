"""Disguises: the forms in which a secret may come to light."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator

SHORTEST = 4
"""Characters. To hide anything shorter would hide parts of ordinary words, and tell more than it hides."""


def disguises(secret: str) -> Iterator[str]:
    """The secret, each of its lines, and how they look in Python, in JSON, in addresses and in base64.

    In base64 the secret may stand inside of more: then its begin falls on one of three places in a group.
    """
    for text in dict.fromkeys([secret, secret.strip(), *map(str.strip, secret.splitlines())]):
        if len(text) >= SHORTEST:
            yield from _written(text)
            yield from _in_addresses(text)
    data = secret.encode("utf-8", "surrogatepass")
    for shift in range(3):
        yield _in_base64(data, shift)
        yield _in_base64(data, shift, is_for_addresses=True)


def _written(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield repr(text.encode("utf-8", "surrogatepass"))[2:-1]


def _in_addresses(text: str) -> Iterator[str]:
    from urllib.parse import quote

    data = text.encode("utf-8", "surrogatepass")
    for safe in ("", "/"):
        quoted = quote(data, safe=safe)
        yield quoted
        yield quoted.replace("%20", "+")
        yield _with_small_digits(quoted)


def _with_small_digits(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _in_base64(data: bytes, shift: int, *, is_for_addresses: bool = False) -> str:
    """The signs that depend on nothing but the secret, when `shift` bytes stand before it."""
    encoded = (urlsafe_b64encode if is_for_addresses else b64encode)(bytes(shift) + data)
    first, end = -(-8 * shift // 6), 8 * (shift + len(data)) // 6
    return encoded[first:end].decode()
