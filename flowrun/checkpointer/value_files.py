"""ValueFiles: large values of a run stand in files of their own, so that its journal stays small and readable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..durable import make_directory, naming, write_whole
from ..errors import CheckpointInvalidError
from .kept_text import Inline

_LARGE = 64 << 10
"""Characters of text from which on a value gets a file."""


class ValueFiles(Inline):
    """Puts a large text into a file that is named by its hash, before the record is written that names it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, text: str) -> Any:
        """`{"$file": hash, "bytes": size}` for a large text. Raises StateError if its file cannot be written."""
        if len(text) <= _LARGE:
            return super().put(text)
        data = text.encode("utf-8", "surrogatepass")
        name = _hash(data)
        path = self._directory / name
        with naming(path):
            make_directory(self._directory)
            if not path.exists():
                os.close(write_whole(path, data))
        return {"$file": name, "bytes": len(data)}

    def get(self, kept: Any) -> str:
        """The inverse of `put`. Raises CheckpointInvalidError if the file is gone or changed."""
        if not (isinstance(kept, dict) and "$file" in kept):
            return super().get(kept)
        path = self._directory / os.path.basename(kept["$file"])
        try:
            data: bytes = path.read_bytes()
        except OSError as error:
            raise CheckpointInvalidError(f"{path}, a value of the run, cannot be read: {error.strerror}") from error
        if _hash(data) != kept["$file"]:
            raise CheckpointInvalidError(f"{path}, a value of the run, is damaged: it is not what was written")
        return str(data, "utf-8", "surrogatepass")


def _hash(data: bytes) -> str:
    from hashlib import blake2b  # loads OpenSSL: only for large values

    return blake2b(data, digest_size=20).hexdigest()
