"""Blobs: bodies that are too large for a message, kept under their digest."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from .faults import UnreadableError
from .keys import ENTRY_TTL_MS, Keys

if TYPE_CHECKING:
    from .pipeline import Pipeline

INLINE_LIMIT = 1 << 20
"""Bytes up to which a body stands in the message, unless a configuration says otherwise."""
HARD_LIMIT = 16 << 20
"""More than this never stands in a message."""
BLOB_LIMIT = 64 << 20
"""More than this is not sent through Redis."""

_SCHEME = "blob:"


async def put_blob(pipeline: Pipeline, keys: Keys, data: bytes) -> str:
    """Keep a body; gives the reference that stands in the message."""
    digest = sha256(data).hexdigest()
    await pipeline.command("SET", keys.blob(digest), data, "PX", ENTRY_TTL_MS)
    return f"{_SCHEME}{digest}"


async def get_blob(pipeline: Pipeline, keys: Keys, ref: str) -> bytes:
    """The body of a reference. Raises UnreadableError if it is gone, changed, or somewhere else than in Redis."""
    scheme, digest = ref[: len(_SCHEME)], ref[len(_SCHEME) :]
    if scheme != _SCHEME or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise UnreadableError(f"the body is at {ref[:100]!r}, and only blobs can be read here")
    data = await pipeline.command("GET", keys.blob(digest))
    if data is None:
        raise UnreadableError(f"the body {ref!r} is not in Redis any more")
    if sha256(data).hexdigest() != digest:
        raise UnreadableError(f"the body {ref!r} was changed")
    return bytes(data)
