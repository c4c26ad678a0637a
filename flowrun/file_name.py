"""A file name for any text."""

from __future__ import annotations

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.[]=,+@ ")
_LONGEST_BYTES = 120


def safe_file_name(text: str) -> str:
    """`text` as the name of a file: the same text if it can be one, else readable, and unique by a hash.

    Never empty, never hidden, never `.` or `..`, without `/` and control characters, at most 120 bytes.
    """
    readable = "".join(c if c in _PLAIN or (c.isalnum() and c.isprintable()) else "_" for c in text).strip(" .")
    raw = readable.encode("utf-8", "replace")
    if readable == text and 0 < len(raw) <= _LONGEST_BYTES:
        return text
    from hashlib import blake2b  # loads OpenSSL, and most names need no mark

    mark = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    cut = raw[: _LONGEST_BYTES - 13].decode("utf-8", "ignore")
    return f"{cut}~{mark}"
